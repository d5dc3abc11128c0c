import { NotConnectedError, ReauthorizeError, type MiroError } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest, RawServerBase, RouteGenericInterface } from 'fastify'
import { ScopeMissingError } from '../errors.js'
import { isNavigation } from '../http/fetch-metadata.js'
import type { Settings } from '../settings.js'
import type { RequestState } from './request-state.js'

/** A `preHandler` that lets only requests with a grant pass, on servers of http, https and http2. */
export type RequireGrant = (request: AnyRequest, reply: AnyReply) => Promise<AnyReply | undefined>

type AnyRequest = FastifyRequest<RouteGenericInterface, RawServerBase>
type AnyReply = FastifyReply<RouteGenericInterface, RawServerBase>

/**
 * Makes a {@link RequireGrant}. A page without a grant is sent to login and comes back; everything else gets the
 * error's status with the address of the login. Where `onUnauthenticated` says so, or login would not help, the error
 * is thrown.
 */
export function createRequireGrant ({ settings: { onUnauthenticated, hasRoutes }, stateOf, loginUrl }: {
  settings: Pick<Settings, 'onUnauthenticated' | 'hasRoutes'>
  stateOf: (request: FastifyRequest) => RequestState
  loginUrl: (options?: { returnTo?: string, teamId?: string }) => string
}): RequireGrant {
  return async function requireGrant (anyRequest, reply) {
    // The types differ in `raw`, which is not read here.
    const request = anyRequest as FastifyRequest
    const state = stateOf(request)
    const refusal = await refusalOf(state)
    if (refusal === null) return undefined
    if (onUnauthenticated === 'error' || !hasRoutes) throw refusal
    // Of several teams it is this one that must be connected again.
    const ref = await state.grantRef()
    const team = ref === null ? {} : { teamId: ref.teamId }
    reply.header('cache-control', 'no-store')
    if (isNavigation(request)) {
      const isPage = request.method === 'GET' || request.method === 'HEAD'
      return reply.redirect(loginUrl(isPage ? { ...team, returnTo: request.originalUrl } : team), 303)
    }
    const { code, message, statusCode } = refusal
    const body = { code, message, loginUrl: loginUrl(team) }
    return reply.code(statusCode).type('application/json; charset=utf-8').send(body)
  }
}

async function refusalOf (state: RequestState): Promise<MiroError | null> {
  try {
    await state.ensureGrant()
    return null
  } catch (error) {
    if (error instanceof NotConnectedError || error instanceof ReauthorizeError) return error
    if (error instanceof ScopeMissingError) return error
    throw error
  }
}
