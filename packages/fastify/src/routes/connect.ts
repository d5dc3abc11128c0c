import { queryOf, teamIdOf } from '../http/query.js'
import { keepOpener } from '../http/response-headers.js'
import { beginFlow } from './begin-flow.js'
import type { RouteHandler } from './route-context.js'

/**
 * `GET /auth/miro/connect?team_id=`: the same as login for a panel, which opens it in a window of its own, since no
 * cookie arrives in Miro's iframe. It ends on a page that tells the panel, and closes itself.
 */
export const connect: RouteHandler = async (context, request, reply) => {
  const { settings } = context
  reply.headers(keepOpener)
  const end = { kind: 'window', teamId: teamIdOf(queryOf(request)) } as const
  return beginFlow(context, { request, reply, path: settings.paths.connect, end })
}
