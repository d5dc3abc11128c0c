import type { GrantRef } from '@miro-oauth/core'
import { BoundedMap } from '@miro-oauth/core/internal'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../http/cookies.js'
import { isNavigation } from '../http/fetch-metadata.js'

/**
 * What the session cookie carries: the session's id, and a hint of its grant, so that session and grant can be read in
 * one round trip. The hint decides nothing; the session record confirms it.
 */
export interface SessionCookieValue {
  sessionId: string
  grantHint: GrantRef | null
}

/** What the answer to a request does with the cookie. */
interface Change {
  /** `null`: it takes the cookie away. */
  value: SessionCookieValue | null
  /** Whether the reply has it already. */
  isSent: boolean
}

/** How many parsed headers are remembered, and of what length at most: 4 MB of them. */
const known = { headers: 1000, length: 4096 } as const

/** The cookie of the plugin's own session: `<session id>`, or `<session id>.<user id>.<team id>`. */
export class SessionCookie {
  readonly #cookies: Cookies
  readonly #name: string
  readonly #maxAgeMs: number | null
  readonly #changes = new WeakMap<FastifyRequest, Change>()
  /** By the text of the header. A browser sends the same one again: parsing it took a tenth of a request. */
  readonly #parsed = new BoundedMap<SessionCookieValue>(known.headers)

  /** @param options.persistent `false`: the cookie ends with the browser */
  constructor (cookies: Cookies, { absoluteMs, persistent }: { absoluteMs: number, persistent: boolean }) {
    this.#cookies = cookies
    this.#name = cookies.nameOf('session')
    this.#maxAgeMs = persistent ? absoluteMs : null
  }

  /** `null`: there is no such cookie, or its value has another form. */
  read (request: FastifyRequest): SessionCookieValue | null {
    const { cookie: header = '' } = request.headers
    return this.#parsed.get(header) ?? this.#parse(request, header)
  }

  /** The same, as the answer to this request will have changed it. */
  latest (request: FastifyRequest): SessionCookieValue | null {
    const change = this.#changes.get(request)
    return change === undefined ? this.read(request) : change.value
  }

  /** Sets the cookie; `null`: takes it away. */
  set (request: FastifyRequest, reply: FastifyReply, value: SessionCookieValue | null): void {
    this.#changes.set(request, { value, isSent: true })
    this.#send(reply, value)
  }

  /** The same where no reply is at hand: {@link sendQueued} does it with the answer to this request. */
  queue (request: FastifyRequest, value: SessionCookieValue | null): void {
    this.#changes.set(request, { value, isSent: false })
  }

  /**
   * Takes a cookie away that was found dead, unless this request sets another one. Only a navigation does: a script's
   * request may have been under way while a sign-in in another tab replaced the session, and its answer would take the
   * new cookie.
   */
  clearDead (request: FastifyRequest): void {
    if (isNavigation(request) && !this.#changes.has(request)) this.queue(request, null)
  }

  sendQueued (request: FastifyRequest, reply: FastifyReply): void {
    const change = this.#changes.get(request)
    if (change?.isSent === false) this.#send(reply, change.value)
  }

  /** The cookie as name and value, for `app.inject({ cookies })`. */
  format (value: SessionCookieValue): Record<string, string> {
    return { [this.#name]: toText(value) }
  }

  #parse (request: FastifyRequest, header: string): SessionCookieValue | null {
    const text = this.#cookies.read(request)[this.#name]
    const value = text === undefined ? null : parseValue(text)
    if (value !== null && header.length <= known.length) this.#parsed.set(header, value)
    return value
  }

  /** No cache keeps an answer that sets or clears the cookie. */
  #send (reply: FastifyReply, value: SessionCookieValue | null): void {
    if (value === null) this.#cookies.clear(reply, this.#name)
    else this.#cookies.set(reply, this.#name, toText(value), this.#maxAgeMs)
    reply.header('cache-control', 'no-store')
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
