import type { GrantRef } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../http/cookies.js'

/**
 * What the session cookie carries: the session's id, and a hint of its grant, so that session and grant can be read in
 * one round trip. The hint decides nothing; the session record confirms it.
 */
export interface SessionCookieValue {
  sessionId: string
  grantHint: GrantRef | null
}

/** Reads and writes the session cookie. */
export interface SessionCookie {
  read: (request: FastifyRequest) => SessionCookieValue | null
  set: (reply: FastifyReply, value: SessionCookieValue) => void
  /** The same where no reply is at hand: `sendQueued` sends it with the answer to this request. */
  queue: (request: FastifyRequest, value: SessionCookieValue) => void
  sendQueued: (request: FastifyRequest, reply: FastifyReply) => void
  clear: (reply: FastifyReply) => void
  /** The cookie as name and value. */
  format: (value: SessionCookieValue) => Record<string, string>
}

/** Makes a {@link SessionCookie}. */
export function createSessionCookie (cookies: Cookies, maxAgeMs: number): SessionCookie {
  const name = cookies.nameOf('session')
  const queued = new WeakMap<FastifyRequest, SessionCookieValue>()

  const set: SessionCookie['set'] = (reply, value) => cookies.set(reply, name, toText(value), maxAgeMs)

  return {
    read (request) {
      const text = cookies.read(request)[name]
      return text === undefined ? null : parseValue(text)
    },
    set,
    queue: (request, value) => { queued.set(request, value) },
    sendQueued (request, reply) {
      const value = queued.get(request)
      if (value !== undefined) set(reply, value)
    },
    clear: (reply) => cookies.clear(reply, name),
    format: (value) => ({ [name]: toText(value) })
  }
}

/** An id as Miro's are. Any other gives no hint, which costs one more round trip. */
const plainId = /^[\w-]{1,64}$/

function toText ({ sessionId, grantHint }: SessionCookieValue): string {
  if (grantHint === null || !plainId.test(grantHint.userId) || !plainId.test(grantHint.teamId)) return sessionId
  return `${sessionId}.${grantHint.userId}.${grantHint.teamId}`
}

function parseValue (text: string): SessionCookieValue | null {
  const [, sessionId, userId, teamId] = /^([\w-]{43})(?:\.([\w-]{1,64})\.([\w-]{1,64}))?$/.exec(text) ?? []
  if (sessionId === undefined) return null
  return { sessionId, grantHint: userId === undefined || teamId === undefined ? null : { userId, teamId } }
}
