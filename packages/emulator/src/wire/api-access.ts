import type { FastifyReply, FastifyRequest } from 'fastify'
import { scopeMissing, tokenNotFound, tokenNotProvided, tooManyRequests } from './envelope.js'
import type { Miro } from '../miro.js'
import { creditCosts, type Level, toRateLimitHeaders } from './rate-limit.js'
import type { TokenPair } from '../model/token-pair.js'

/** What an endpoint of the REST API requires of a call. */
export interface CallRequirement {
  scope: string
  level: Level
  /** How many times the credits of the level are charged; default once. */
  times?: number
}

/**
 * Checks that the token of a REST request is valid, that its user has credits left, and that it has the scope; charges
 * the credits. Sets the rate limit headers, also where it refuses.
 *
 * @throws {MiroRefusal} 401, 429 or 403, in this order
 */
export function authorizeCall (
  miro: Miro, request: FastifyRequest, reply: FastifyReply, requirement: CallRequirement
): TokenPair {
  const token = readBearer(request)
  if (token === undefined) throw tokenNotProvided()
  const pair = miro.tokens.find(token, miro.now())
  if (pair === undefined) throw tokenNotFound()
  const cost = creditCosts[requirement.level] * (requirement.times ?? 1)
  const charge = miro.state.budget.charge(`${pair.clientId}/${pair.userId}`, cost, miro.now())
  reply.headers(toRateLimitHeaders(charge))
  if (!charge.allowed) throw tooManyRequests()
  if (!pair.scopes.includes(requirement.scope)) throw scopeMissing(requirement.scope)
  return pair
}

/** The token of `Authorization: Bearer …`. The name of the scheme is case-insensitive (RFC 9110 section 11.1). */
export function readBearer (request: FastifyRequest): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
}
