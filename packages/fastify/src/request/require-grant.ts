import { NotConnectedError, ReauthorizeError, type MiroError } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ScopeMissingError } from '../errors.js'
import type { Settings } from '../settings.js'
import { isNavigation } from './request-kind.js'
import type { RequestSide } from './request-miro.js'

/** A `preHandler` that lets only requests with a grant pass. */
export type RequireGrant = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/**
 * Makes a {@link RequireGrant}. A page without a grant is sent to login and comes back; everything else gets the error's
 * status with the address of the login. Where `onUnauthenticated` says so, or login would not help, the error is thrown.
 */
export function createRequireGrant ({ onUnauthenticated, routes }: Pick<Settings, 'onUnauthenticated' | 'routes'>, miro: {
  sideOf: (request: FastifyRequest) => RequestSide
  loginUrl: (options?: { returnTo?: string }) => string
}): RequireGrant {
  return async function requireGrant (request, reply) {
    const refusal = await refusalOf(miro.sideOf(request))
    if (refusal === null) return undefined
    if (onUnauthenticated === 'error' || !routes.includes('login')) throw refusal
    if (isNavigation(request)) {
      const isPage = request.method === 'GET' || request.method === 'HEAD'
      return reply.header('cache-control', 'no-store').redirect(miro.loginUrl(isPage ? { returnTo: request.originalUrl } : {}), 303)
    }
    const { code, message, statusCode } = refusal
    return reply.code(statusCode).header('cache-control', 'no-store').type('application/json; charset=utf-8').send({ code, message, loginUrl: miro.loginUrl() })
  }
}

async function refusalOf (side: RequestSide): Promise<MiroError | null> {
  try {
    await side.ensureGrant()
    return null
  } catch (error) {
    if (error instanceof NotConnectedError || error instanceof ReauthorizeError || error instanceof ScopeMissingError) return error
    throw error
  }
}
