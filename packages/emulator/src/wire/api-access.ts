import type { FastifyReply, FastifyRequest } from 'fastify'
import { scopeMissing, tokenNotFound, tokenNotProvided, tooManyRequests } from './envelope.js'
import type { Miro } from '../miro.js'
import { creditCosts, type Level, toRateLimitHeaders } from './rate-limit.js'
import type { TokenPair } from '../model/token-pair.js'

export interface CallRequirement {
  scope: string
  level: Level
}

/**
 * Lets a REST request in: its token is valid, its user has credits left, and the app has the scope. Sets the rate
 * limit headers, on refusals too.
 *
 * @throws {MiroRefusal} 401, 429 or 403, in this order
 */
export function authorizeCall (miro: Miro, request: FastifyRequest, reply: FastifyReply, requirement: CallRequirement): TokenPair {
  const token = readBearer(request)
  if (token === undefined) throw tokenNotProvided()
  const pair = miro.tokens.find(token, miro.now())
  if (pair === undefined) throw tokenNotFound()
  const charge = miro.state.budget.charge(`${pair.clientId}/${pair.userId}`, creditCosts[requirement.level], miro.now())
  reply.headers(toRateLimitHeaders(charge))
  if (!charge.allowed) throw tooManyRequests()
  if (!pair.scopes.includes(requirement.scope)) throw scopeMissing(requirement.scope)
  return pair
}

/** The token of `Authorization: Bearer …`; the name of the scheme is case-insensitive, RFC 9110 section 11.1. */
export function readBearer (request: FastifyRequest): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
}
