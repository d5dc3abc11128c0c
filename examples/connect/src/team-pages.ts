import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Person } from './people.js'
import { readTeams, type Team } from './teams.js'
import { toTime } from './time.js'

/** The page that all this is for. Connecting and removing are routes of the plugin, which brings people back here. */
export function registerTeamPages (app: FastifyInstance, { personOf }: {
  personOf: (request: FastifyRequest) => Person | null
}): void {
  app.get('/', async (request, reply) => {
    const person = personOf(request)
    if (person === null) return reply.redirect('/login', 303)
    const teams = await readTeams(request, person.id)
    return reply.view('teams', { title: 'Your Miro teams', teams: teams.map(toCard), connectUrl: app.miro.loginUrl() })
  })

  function toCard ({ ref, grant, boards }: Team): Record<string, unknown> {
    return {
      name: grant?.teamName ?? `Team ${ref.teamId}`,
      miroUser: grant?.userName ?? ref.userId,
      connected: toTime(grant?.connectedAt),
      boards,
      // Miro preselects the team; whoever chooses another one connects that.
      connectUrl: app.miro.loginUrl({ teamId: ref.teamId }),
      removeUrl: `/auth/miro/disconnect?${new URLSearchParams({ user_id: ref.userId, team_id: ref.teamId })}`
    }
  }
}
