import type { FastifyReply, FastifyRequest } from 'fastify'
import { CrossSiteError } from '../errors.js'
import { isNavigation, isSameOrigin } from '../request/request-kind.js'
import type { RouteContext } from './context.js'
import { quietHeaders } from './failure.js'

/** @throws {CrossSiteError} the POST was not sent by a page of the app */
export function requireSameOrigin ({ settings }: RouteContext, request: FastifyRequest): void {
  if (!isSameOrigin(request, settings.origin)) throw new CrossSiteError()
}

/** Ends the session on the server, takes every cookie of ours from the browser, and answers. */
export async function signOut ({ settings, sessions, sessionCookie, flows }: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const ticket = sessionCookie.read(request)
  if (ticket !== null) await sessions.end(ticket.id)
  sessionCookie.clear(reply)
  flows.clearAll(request, reply)
  reply.headers(quietHeaders)
  return isNavigation(request) ? reply.redirect(settings.afterLogout, 303) : reply.code(204).send()
}
