import { toBoardRow, type BoardRow } from '@miro-oauth/example-shared'
import type { GrantRef, GrantStatus, MiroClient } from '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'

/** How a Miro team of a person stands, and its latest boards; `null`: they cannot be read now, or not at all. */
export interface Team extends GrantStatus {
  boards: TeamBoards | null
}

interface TeamBoards {
  rows: BoardRow[]
  total: number
}

const boardsPerTeam = 3
/** How long the page waits for Miro, for all teams together. */
const timeoutMs = 2000

/** The teams of a person, newest first. A failure in one team does not take the page from the others. */
export async function readTeams (app: FastifyInstance, personId: string): Promise<Team[]> {
  const { auth, clientsOf } = app.miro
  const signal = AbortSignal.timeout(timeoutMs)
  const found = await Promise.all((await clientsOf(personId)).map(async ({ ref, client }) => {
    const boards = await readBoards(client, ref, signal).catch((error: unknown) => {
      app.log.warn({ err: error }, 'the boards of a team could not be read')
      return null
    })
    return [keyOf(ref), boards] as const
  }))
  const boards = new Map(found)
  // After the boards, so that what Miro has just refused is known.
  const status = await auth.status(personId, { requiredScopes: ['boards:read'] })
  return status.map((team) => ({ ...team, boards: boards.get(keyOf(team.grant)) ?? null }))
}

async function readBoards (client: MiroClient, { teamId }: GrantRef, signal: AbortSignal): Promise<TeamBoards> {
  // With `team_id` Miro lists a new board at once, without it only after some seconds.
  const query = { team_id: teamId, sort: 'last_modified', limit: boardsPerTeam } as const
  const { data, total } = await client.boards.list(query, { signal })
  return { rows: data.map(toBoardRow), total }
}

function keyOf ({ userId, teamId }: GrantRef): string {
  return `${userId}/${teamId}`
}
