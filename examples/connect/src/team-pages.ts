import { grantProblem, toTime } from '@miro-oauth/example-shared'
import type { FastifyInstance } from 'fastify'
import { readTeams, type Team } from './teams.js'

/** The page of a person's Miro teams. Connecting and removing are routes of the plugin, which redirect back to it. */
export async function teamPages (app: FastifyInstance): Promise<void> {
  app.get('/', async (request, reply) => {
    if (request.person === null) return reply.redirect('/login', 303)
    const teams = await readTeams(app, request.person.id)
    return reply.view('teams', { title: 'Your Miro teams', teams: teams.map(toCard), connectUrl: app.miro.loginUrl() })
  })

  function toCard ({ grant, boards, ...status }: Team): Record<string, unknown> {
    const { userId, teamId, userName, teamName, connectedAt } = grant
    return {
      name: teamName ?? `Team ${teamId}`,
      miroUser: userName ?? userId,
      connected: toTime(connectedAt),
      problem: grantProblem(status),
      boards,
      // Miro preselects this team. A person who chooses another one there connects that one.
      connectUrl: app.miro.loginUrl({ teamId }),
      removeUrl: `/auth/miro/disconnect?${new URLSearchParams({ user_id: userId, team_id: teamId })}`
    }
  }
}
