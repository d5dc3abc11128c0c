import { ReauthorizeError, type Grant, type GrantRef } from '@miro-oauth/fastify'
import type { FastifyRequest } from 'fastify'
import { toBoardRow, type BoardRow } from './board-row.js'

/** A Miro team that somebody connected, and what can be read of it now. */
export interface Team {
  grant: Grant
  boards: TeamBoards
}

/** `refused`: its person must connect it again. */
type TeamBoards = { state: 'read', rows: BoardRow[], total: number } | { state: 'refused' | 'unreadable' }

const boardsPerTeam = 3
/** The page waits no longer, for all teams together. */
const patienceMs = 2000

/** The teams of the person who sent this request, newest first, each with its latest boards. */
export async function readTeams (request: FastifyRequest): Promise<Team[]> {
  const grants = await request.miro.grants({ ended: true })
  const signal = AbortSignal.timeout(patienceMs)
  return Promise.all(grants.map(async (grant) => ({ grant, boards: await readBoards(request, grant, signal) })))
}

/** One team in trouble must not take the page from the others. */
async function readBoards (request: FastifyRequest, ref: GrantRef, signal: AbortSignal): Promise<TeamBoards> {
  try {
    // With its team id Miro answers from the boards themselves; without it a new board takes seconds to appear.
    const { data, total } = await request.miro.for(ref).boards.list({ team_id: ref.teamId, sort: 'last_modified', limit: boardsPerTeam }, { signal })
    return { state: 'read', rows: data.map(toBoardRow), total }
  } catch (error) {
    if (error instanceof ReauthorizeError) return { state: 'refused' }
    request.log.warn({ err: error }, 'the boards of a team could not be read')
    return { state: 'unreadable' }
  }
}
