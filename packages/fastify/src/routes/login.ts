import { toReturnTo } from '../flow/return-to.js'
import { queryOf } from '../http/query.js'
import { beginFlow } from './begin-flow.js'
import type { RouteHandler } from './route-context.js'

/** `GET /auth/miro/login?returnTo=&team_id=`: begins a flow and sends the browser to Miro's authorize page. */
export const login: RouteHandler = async (context, request, reply) => {
  const { origin, paths, ownPaths, defaultReturnTo, returnToOrigins } = context.settings
  const allowed = { forbidden: ownPaths, origins: returnToOrigins }
  const wanted = toReturnTo(queryOf(request).get('returnTo'), origin, allowed)
  const url = wanted ?? new URL(defaultReturnTo, origin).href
  return beginFlow(context, { request, reply, path: paths.login, end: { kind: 'page', url } })
}
