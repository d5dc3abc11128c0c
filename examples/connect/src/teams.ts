import { toBoardRow, type BoardRow } from '@miro-oauth/example-shared'
import { ReauthorizeError, type Grant, type GrantRef } from '@miro-oauth/fastify'
import type { FastifyRequest } from 'fastify'

/** A Miro team that a person connected, and its latest boards. */
export interface Team {
  grant: Grant
  boards: TeamBoards
}

/** `refused`: Miro refused the grant, and the person must connect the team again. */
type TeamBoards = { state: 'read', rows: BoardRow[], total: number } | { state: 'refused' | 'unreadable' }

const boardsPerTeam = 3
/** How long the page waits for Miro, for all teams together. */
const timeoutMs = 2000

/** The teams of the person who sent this request, newest first, each with its latest boards. */
export async function readTeams (request: FastifyRequest): Promise<Team[]> {
  const grants = await request.miro.grants({ ended: true })
  const signal = AbortSignal.timeout(timeoutMs)
  return Promise.all(grants.map(async (grant) => ({ grant, boards: await readBoards(request, grant, signal) })))
}

/** Never throws: a failure in one team must not take the page from the others. */
async function readBoards (request: FastifyRequest, ref: GrantRef, signal: AbortSignal): Promise<TeamBoards> {
  // With `team_id` Miro lists a new board at once, without it only after some seconds.
  const query = { team_id: ref.teamId, sort: 'last_modified', limit: boardsPerTeam } as const
  try {
    const { data, total } = await request.miro.for(ref).boards.list(query, { signal })
    return { state: 'read', rows: data.map(toBoardRow), total }
  } catch (error) {
    if (error instanceof ReauthorizeError) return { state: 'refused' }
    request.log.warn({ err: error }, 'the boards of a team could not be read')
    return { state: 'unreadable' }
  }
}
