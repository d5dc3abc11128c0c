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

/** The cookie of the plugin's own session: `<session id>`, or `<session id>.<user id>.<team id>`. */
export class SessionCookie {
  readonly #cookies: Cookies
  readonly #name: string
  readonly #maxAgeMs: number
  readonly #queued = new WeakMap<FastifyRequest, SessionCookieValue>()

  constructor (cookies: Cookies, maxAgeMs: number) {
    this.#cookies = cookies
    this.#name = cookies.nameOf('session')
    this.#maxAgeMs = maxAgeMs
  }

  /** `null`: there is no such cookie, or its value has another form. */
  read (request: FastifyRequest): SessionCookieValue | null {
    const text = this.#cookies.read(request)[this.#name]
    return text === undefined ? null : parseValue(text)
  }

  set (reply: FastifyReply, value: SessionCookieValue): void {
    this.#cookies.set(reply, this.#name, toText(value), this.#maxAgeMs)
  }

  /** Sets the cookie where no reply is at hand: {@link sendQueued} sends it with the answer to this request. */
  queue (request: FastifyRequest, value: SessionCookieValue): void {
    this.#queued.set(request, value)
  }

  sendQueued (request: FastifyRequest, reply: FastifyReply): void {
    const value = this.#queued.get(request)
    if (value !== undefined) this.set(reply, value)
  }

  clear (reply: FastifyReply): void {
    this.#cookies.clear(reply, this.#name)
  }

  /** The cookie as name and value, for `app.inject({ cookies })`. */
  format (value: SessionCookieValue): Record<string, string> {
    return { [this.#name]: toText(value) }
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
