import type { Clock, MiroError } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CookieSeal } from '../http/cookie-seal.js'
import type { Cookies } from '../http/cookies.js'

/** What a page tells of a failure. */
export type ToldFailure = Pick<MiroError, 'code' | 'statusCode' | 'headers'>

/** A page that is reloaded within this time tells the failure again. */
const keepMs = 300_000

/**
 * Carries the failure of a callback to a page without the callback's query: a code in the address bar could be copied
 * from there, and may not be spent.
 *
 * @see RFC 9700, section 4.3.1, and RFC 6749, section 3.1.2.5
 */
export class FailureCookie {
  readonly #cookies: Cookies
  readonly #seal: CookieSeal
  readonly #clock: Clock
  readonly #name: string

  constructor ({ cookies, seal, clock }: { cookies: Cookies, seal: CookieSeal, clock: Clock }) {
    this.#cookies = cookies
    this.#seal = seal
    this.#clock = clock
    this.#name = cookies.nameOf('failure')
  }

  async keep (reply: FastifyReply, { code, statusCode, headers }: ToldFailure): Promise<void> {
    const value = await this.#seal.seal(this.#name, JSON.stringify({ code, statusCode, headers }), this.#clock.now())
    this.#cookies.set(reply, this.#name, value, keepMs)
  }

  /** The failure that was kept in this browser last; `null`: none, or too long ago. */
  async read (request: FastifyRequest): Promise<ToldFailure | null> {
    const value = this.#cookies.read(request)[this.#name]
    const opened = value === undefined ? null : await this.#seal.open(this.#name, value)
    if (opened === null || this.#clock.now() - opened.sealedAt > keepMs) return null
    return JSON.parse(opened.plain) as ToldFailure
  }

  clear (request: FastifyRequest, reply: FastifyReply): void {
    if (this.#cookies.read(request)[this.#name] !== undefined) this.#cookies.clear(reply, this.#name)
  }
}
