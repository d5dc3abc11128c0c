import type { FastifyReply, FastifyRequest } from 'fastify'
import { CrossSiteError } from '../errors.js'
import { isNavigation } from '../http/fetch-metadata.js'
import { isFromTrustedPage } from '../http/trusted-origin.js'
import type { RouteContext } from './route-context.js'

/** @throws {CrossSiteError} the POST was sent neither by a page of the app nor by one of `returnToOrigins` */
export function requireTrustedPage ({ settings }: RouteContext, request: FastifyRequest): void {
  if (!isFromTrustedPage(request, settings)) throw new CrossSiteError()
}

/** Has the connection end with the answer, so that what was not read of the request never is. */
export function leaveRestUnread (request: FastifyRequest, reply: FastifyReply): void {
  // HTTP/2 has streams in place of this header.
  if (request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
}

/** Answers a POST that did what it should: a form goes on to a page, a script gets 204. */
export function sendDone ({ settings }: RouteContext, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return isNavigation(request) ? reply.redirect(settings.afterLogout, 303) : reply.code(204).send()
}
