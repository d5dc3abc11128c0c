import { NotConnectedError, ReauthorizeError, type Grant, type GrantRef } from '@miro-oauth/fastify'
import type { FastifyRequest } from 'fastify'
import { toBoardRow, type BoardRow } from './board-row.js'

/** A Miro team that somebody connected, and what can be read of it now. */
export interface Team {
  ref: GrantRef
  /** Who, where and when; `null` where Miro ended the grant. */
  grant: Grant | null
  boards: TeamBoards
}

/** `refused`: its person must connect it again. */
type TeamBoards = { state: 'read', rows: BoardRow[], total: number } | { state: 'refused' | 'unreadable' }

const boardsPerTeam = 3
/** The page waits no longer, for all teams together. */
const patienceMs = 2000

/** The teams of the person who sent this request, newest first, each with its latest boards. */
export async function readTeams (request: FastifyRequest, personId: string): Promise<Team[]> {
  const grants = await request.miro.grants()
  // Every team that was ever connected. `grants()` has those that Miro accepts, and the others are to be connected again.
  const links = await request.server.miro.auth.links(personId)
  const signal = AbortSignal.timeout(patienceMs)
  const teams = await Promise.all(links.map(async ({ userId, teamId }) => {
    const ref = { userId, teamId }
    const boards = await readBoards(request, ref, signal)
    return boards && { ref, grant: grants.find((grant) => grant.userId === userId && grant.teamId === teamId) ?? null, boards }
  }))
  return teams.filter((team) => team !== null)
}

/** One team in trouble must not take the page from the others. `null`: it was removed. */
async function readBoards (request: FastifyRequest, ref: GrantRef, signal: AbortSignal): Promise<TeamBoards | null> {
  try {
    // With its team id Miro answers from the boards themselves; without it a new board takes seconds to appear.
    const { data, total } = await request.miro.for(ref).boards.list({ team_id: ref.teamId, sort: 'last_modified', limit: boardsPerTeam }, { signal })
    return { state: 'read', rows: data.map(toBoardRow), total }
  } catch (error) {
    if (error instanceof NotConnectedError) return null
    if (error instanceof ReauthorizeError) return { state: 'refused' }
    request.log.warn({ err: error }, 'the boards of a team could not be read')
    return { state: 'unreadable' }
  }
}
