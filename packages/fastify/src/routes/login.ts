import { toReturnTo } from '../flow/return-to.js'
import { queryOf } from '../http/query.js'
import type { RouteHandler } from './route-context.js'

/** `GET /auth/miro/login?returnTo=&team_id=`: begins a flow and sends the browser to Miro's authorize page. */
export const login: RouteHandler = async (context, request, reply) => {
  const { settings, flowCookies, failureCookie, mode, oauth2 } = context
  const { origin, paths, defaultReturnTo, returnToOrigins } = settings
  const query = queryOf(request)

  // The flow's cookie must be set on the host that Miro sends the browser back to.
  if (request.hostname !== new URL(origin).hostname && !query.has('moved')) {
    query.set('moved', '1')
    return reply.redirect(`${origin}${paths.login}?${query.toString()}`, 303)
  }

  const appUserId = await mode.flowUser(request)
  const allowed = { forbidden: Object.values(paths), origins: returnToOrigins }
  const returnTo = toReturnTo(query.get('returnTo'), origin, allowed) ?? new URL(defaultReturnTo, origin).href
  failureCookie.clear(request, reply)
  const flow = await flowCookies.begin(request, reply, { appUserId, returnTo })
  return reply.redirect(oauth2.authorizationUrl({ ...flow, teamId: query.get('team_id') }), 303)
}
