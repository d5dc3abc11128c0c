import type { FastifyInstance } from 'fastify'
import type { Miro } from '../miro.js'
import { sendPage } from '../pages/pages.js'
import { readQuery } from '../wire/parameters.js'

/**
 * The fixed page to which an app leads the browser after an install that Miro started. Whether the app has exchanged
 * its code makes no difference to it.
 */
export function registerInstallCompleted (server: FastifyInstance, miro: Miro): void {
  server.get('/app-install-completed/', (request, reply) => {
    const query = readQuery(request)
    const team = miro.directory.team(query.get('team_id') ?? '')
    if (query.get('client_id') !== miro.app.clientId || team === undefined) {
      const title = 'This installation is not known'
      const message = 'client_id must be the app’s, and team_id that of a team.'
      return sendPage(reply, { name: 'failure', title, status: 400, data: { title, message } })
    }
    const data = { appName: miro.app.name, teamName: team.name }
    return sendPage(reply, { name: 'installed', title: `${miro.app.name} is installed`, data })
  })
}
