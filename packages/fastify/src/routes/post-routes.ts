import type { FastifyReply, FastifyRequest } from 'fastify'
import { CrossSiteError } from '../errors.js'
import { isNavigation } from '../http/fetch-metadata.js'
import { noStoreHeaders } from '../http/response-headers.js'
import { isFromTrustedPage } from '../http/trusted-origin.js'
import type { RouteContext } from './route-context.js'

/** @throws {CrossSiteError} the POST was sent neither by a page of the app nor by one of `returnToOrigins` */
export function requireTrustedPage ({ settings }: RouteContext, request: FastifyRequest): void {
  if (!isFromTrustedPage(request, settings)) throw new CrossSiteError()
}

/** Answers a POST that did what it should: a form goes on to a page, a script gets 204. */
export function sendDone ({ settings }: RouteContext, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers(noStoreHeaders)
  return isNavigation(request) ? reply.redirect(settings.afterLogout, 303) : reply.code(204).send()
}
