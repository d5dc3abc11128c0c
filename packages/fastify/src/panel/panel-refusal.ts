import { MiroError } from '@miro-oauth/core'
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
export function tellPanel (reply: FastifyReply, error: unknown, connectUrl: string): void {
  if (isTokenRefusal(error)) expose(reply, tokenHeader, 'retry')
  if (isGrantRefusal(error)) expose(reply, connectHeader, connectUrl)
}

function isTokenRefusal (error: unknown): error is MiroError {
  return error instanceof MiroError && error.code.startsWith('MIRO_ID_TOKEN_')
}

/** @see https://fetch.spec.whatwg.org/#http-access-control-expose-headers */
function expose (reply: FastifyReply, name: string, value: string): void {
  const others = [reply.getHeader('access-control-expose-headers') ?? []].flat()
  reply.headers({ [name]: value, 'access-control-expose-headers': [...others, tokenHeader, connectHeader].join(', ') })
}
