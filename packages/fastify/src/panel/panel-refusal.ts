import { IdTokenMissingError, MiroError } from '@miro-oauth/core'
import type { FastifyReply } from 'fastify'
import { isGrantRefusal, type GrantRefusal } from '../request/grant-refusal.js'

/** The id token is missing, stale or not to be verified: a fresh one may help. */
const tokenHeader = 'miro-id-token'
/** The person must connect: in a window that opens this URL. */
const connectHeader = 'miro-connect-url'

/** What a panel is refused for. */
export type PanelRefusal = GrantRefusal | MiroError

export function isPanelRefusal (error: unknown): error is PanelRefusal {
  return isTokenRefusal(error) || isGrantRefusal(error)
}

/**
 * Tells the panel's script by a header what to do about an error: to repeat the request with a fresh token, or to have
 * the person connect. Scripts of another origin see the header too, where the host's CORS rules let them in.
 */
export function tellPanel (reply: FastifyReply, error: unknown, connectUrl: string | null): void {
  if (isTokenRefusal(error)) {
    // RFC 6750, section 3.1: a request without a token is told no error.
    const isMissing = error instanceof IdTokenMissingError
    reply.header('www-authenticate', isMissing ? 'Bearer' : 'Bearer error="invalid_token"')
    expose(reply, tokenHeader, 'retry')
  }
  if (isGrantRefusal(error) && connectUrl !== null) expose(reply, connectHeader, connectUrl)
}

function isTokenRefusal (error: unknown): error is MiroError {
  return error instanceof MiroError && error.code.startsWith('MIRO_ID_TOKEN_')
}

/** @see https://fetch.spec.whatwg.org/#http-access-control-expose-headers */
function expose (reply: FastifyReply, name: string, value: string): void {
  const given = [reply.getHeader('access-control-expose-headers') ?? []].flat().join(', ').split(/\s*,\s*/)
  const names = new Set([...given.filter((other) => other !== ''), tokenHeader, connectHeader])
  reply.headers({ [name]: value, 'access-control-expose-headers': Array.from(names).join(', ') })
}
