import type { FastifyRequest } from 'fastify'
import { isNavigation } from '../http/fetch-metadata.js'
import { answerHeaders } from '../http/response-headers.js'
import type { Settings } from '../settings.js'
import { isGrantRefusal, refusalOf } from './grant-refusal.js'
import type { RequestState } from './request-state.js'
import type { AnyReply, AnyRequest, RequireSameOrigin } from './require-same-origin.js'

/** A `preHandler` that lets only requests with a grant pass, on servers of http, https and http2. */
export type RequireGrant = (request: AnyRequest, reply: AnyReply) => Promise<AnyReply | undefined>

/**
 * Makes a {@link RequireGrant}. What a page of another site sends is refused where it may change something. A page
 * without a grant is sent to login and comes back; everything else gets the error's status with the address of the
 * login. Where `onUnauthenticated` says so, or login would not help, the error is thrown.
 */
export function createRequireGrant ({ settings, requireSameOrigin, stateOf, loginUrl }: {
  settings: Pick<Settings, 'onUnauthenticated' | 'hasRoutes'>
  requireSameOrigin: RequireSameOrigin
  stateOf: (request: FastifyRequest) => RequestState
  loginUrl: (options?: { returnTo?: string, teamId?: string }) => string
}): RequireGrant {
  const { onUnauthenticated, hasRoutes } = settings
  return async function requireGrant (anyRequest, reply) {
    // The types differ in `raw`, which is not read here.
    const request = anyRequest as FastifyRequest
    await requireSameOrigin(request)
    const state = stateOf(request)
    const refusal = await refusalOf(() => state.ensureGrant(), isGrantRefusal)
    if (refusal === null) return undefined
    if (onUnauthenticated === 'error' || !hasRoutes) throw refusal
    // Fastify logs what is thrown; this is answered.
    request.log.info({ code: refusal.code }, 'miro guard refused a request')
    // Of several teams it is this one that must be connected again.
    const ref = await state.grantRef()
    const team = ref === null ? {} : { teamId: ref.teamId }
    reply.headers(answerHeaders)
    if (isNavigation(request)) {
      const isPage = request.method === 'GET' || request.method === 'HEAD'
      return reply.redirect(loginUrl(isPage ? { ...team, returnTo: request.originalUrl } : team), 303)
    }
    const { code, message, statusCode } = refusal
    const body = { code, message, loginUrl: loginUrl(team) }
    return reply.code(statusCode).type('application/json; charset=utf-8').send(body)
  }
}
