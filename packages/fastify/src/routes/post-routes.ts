import type { FastifyReply, FastifyRequest } from 'fastify'
import { CrossSiteError } from '../errors.js'
import { isNavigation, isSameOrigin } from '../http/fetch-metadata.js'
import { noStoreHeaders } from '../http/response-headers.js'
import type { RouteContext } from './route-context.js'

/** @throws {CrossSiteError} the POST was not sent by a page of the app */
export function requireSameOrigin ({ settings }: RouteContext, request: FastifyRequest): void {
  if (!isSameOrigin(request, settings.origin)) throw new CrossSiteError()
}

/** Answers a POST that did what it should: a form goes on to a page, a script gets 204. */
export function sendDone ({ settings }: RouteContext, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers(noStoreHeaders)
  return isNavigation(request) ? reply.redirect(settings.afterLogout, 303) : reply.code(204).send()
}
