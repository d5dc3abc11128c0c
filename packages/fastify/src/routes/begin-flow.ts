import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FlowEnd } from '../flow/flow.js'
import { queryOf, teamIdOf } from '../http/query.js'
import type { RouteContext } from './route-context.js'

/** A request to a route that begins a flow. */
interface Beginning {
  request: FastifyRequest
  reply: FastifyReply
  /** The route's own path. */
  path: string
  end: FlowEnd
}

/**
 * Begins a flow and sends the browser to Miro's authorize page.
 *
 * @throws {NoAppUserError | StoreError}
 */
export async function beginFlow (
  context: RouteContext, { request, reply, path, end }: Beginning
): Promise<FastifyReply> {
  const { settings: { origin }, flowCookies, resultCookie, mode, oauth2 } = context
  const query = queryOf(request)

  // The flow's cookie must be set on the host that Miro sends the browser back to.
  if (request.hostname !== new URL(origin).hostname && !query.has('moved')) {
    query.set('moved', '1')
    return reply.redirect(`${origin}${path}?${query.toString()}`, 303)
  }

  const appUserId = await mode.flowUser(request)
  resultCookie.clear(request, reply)
  const flow = await flowCookies.begin(request, reply, { appUserId, end })
  return reply.redirect(oauth2.authorizationUrl({ ...flow, teamId: teamIdOf(query) }), 303)
}
