import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Person } from './people.js'
import { readTeams, type Team } from './teams.js'
import { toTime } from './time.js'

/** The page that all this is for. Connecting and removing are routes of the plugin, which brings people back here. */
export function registerTeamPages (app: FastifyInstance, { personOf }: {
  personOf: (request: FastifyRequest) => Person | null
}): void {
  app.get('/', async (request, reply) => {
    if (personOf(request) === null) return reply.redirect('/login', 303)
    const teams = await readTeams(request)
    return reply.view('teams', { title: 'Your Miro teams', teams: teams.map(toCard), connectUrl: app.miro.loginUrl() })
  })

  function toCard ({ grant, boards }: Team): Record<string, unknown> {
    const { userId, teamId, userName, teamName, connectedAt } = grant
    return {
      name: teamName ?? `Team ${teamId}`,
      miroUser: userName ?? userId,
      connected: toTime(connectedAt),
      boards,
      // Miro preselects the team; whoever chooses another one connects that.
      connectUrl: app.miro.loginUrl({ teamId }),
      removeUrl: `/auth/miro/disconnect?${new URLSearchParams({ user_id: userId, team_id: teamId })}`
    }
  }
}
