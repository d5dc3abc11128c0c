import type { FastifyReply, FastifyRequest } from 'fastify'
import { toReturnTo } from '../flow/return-to.js'
import { queryOf } from '../http/query.js'
import { noStoreHeaders } from '../http/response-headers.js'
import type { RouteContext } from './route-context.js'

/** `GET /auth/miro/login?returnTo=&team_id=`: begins a flow and sends the browser to Miro's authorize page. */
export async function login (context: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { settings: { origin, paths, defaultReturnTo, returnToOrigins }, flowCookies, mode, oauth2 } = context
  const query = queryOf(request)
  reply.headers(noStoreHeaders)

  // The flow's cookie must be set on the host that Miro sends the browser back to.
  if (request.hostname !== new URL(origin).hostname && !query.has('moved')) {
    query.set('moved', '1')
    return reply.redirect(`${origin}${paths.login}?${query.toString()}`, 303)
  }

  const appUserId = await mode.flowUser(request)
  const allowed = toReturnTo(query.get('returnTo'), origin, { forbidden: Object.values(paths), origins: returnToOrigins })
  const state = await flowCookies.begin(request, reply, { appUserId, returnTo: allowed ?? new URL(defaultReturnTo, origin).href })
  return reply.redirect(oauth2.authorizationUrl({ state, teamId: query.get('team_id') }), 303)
}
