import type { Clock, GrantRef, MiroError } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CookieSeal } from '../http/cookie-seal.js'
import type { Cookies } from '../http/cookies.js'

/** What a page tells of a failure. */
export type ToldFailure = Pick<MiroError, 'code' | 'statusCode' | 'headers'>

/**
 * How a flow ended, for the page that tells it: with a failure, or with the grant that a panel's person connected.
 * `returnTo`: where the flow would have led, so that another try leads there; `null`: not known, or too long.
 */
export type FlowResult =
  | { kind: 'failed', failure: ToldFailure, returnTo: string | null }
  | { kind: 'connected', ref: GrantRef }

/** Of a Cookie header beside which the URL of a flow is kept. The most that a browser may send is 4 KB. */
const roomyBytes = 3000
/** Of such a URL. */
const longestReturnTo = 500

/** A page that is reloaded within this time tells the result again. */
const keepMs = 300_000

/**
 * Carries the result of a callback to a page without the callback's query: a code in the address bar could be copied
 * from there, and may not be spent.
 *
 * @see RFC 9700, section 4.3.1, and RFC 6749, section 3.1.2.5
 */
export class ResultCookie {
  readonly #cookies: Cookies
  readonly #seal: CookieSeal
  readonly #clock: Clock
  readonly #name: string

  constructor ({ cookies, seal, clock }: { cookies: Cookies, seal: CookieSeal, clock: Clock }) {
    this.#cookies = cookies
    this.#seal = seal
    this.#clock = clock
    this.#name = cookies.nameOf('result')
  }

  async keep (request: FastifyRequest, reply: FastifyReply, result: FlowResult): Promise<void> {
    const isRoomy = (request.headers.cookie ?? '').length <= roomyBytes
    const value = await this.#seal.seal(this.#name, serialize(result, isRoomy), this.#clock.now())
    this.#cookies.set(reply, this.#name, value, keepMs)
  }

  /** The result that was kept in this browser last; `null`: none, or too long ago. */
  async read (request: FastifyRequest): Promise<FlowResult | null> {
    const value = this.#cookies.read(request)[this.#name]
    const opened = value === undefined ? null : await this.#seal.open(this.#name, value)
    if (opened === null || this.#clock.now() - opened.sealedAt > keepMs) return null
    return parse(opened.plain)
  }

  clear (request: FastifyRequest, reply: FastifyReply): void {
    if (this.#cookies.read(request)[this.#name] !== undefined) this.#cookies.clear(reply, this.#name)
  }
}

/** Short, since all cookies of a browser share 4 KB. @param isRoomy there is room for where a flow would have led */
function serialize (result: FlowResult, isRoomy: boolean): string {
  if (result.kind === 'connected') return JSON.stringify([result.ref.userId, result.ref.teamId])
  const { failure: { code, statusCode, headers }, returnTo } = result
  const isKept = isRoomy && returnTo !== null && returnTo.length <= longestReturnTo
  return JSON.stringify({ code, statusCode, headers, ...isKept && { returnTo } })
}

/** It was sealed here, so it has one of these two forms. */
function parse (plain: string): FlowResult {
  const value = JSON.parse(plain) as [userId: string, teamId: string] | ToldFailure & { returnTo?: string }
  if (!Array.isArray(value)) {
    const { returnTo = null, ...failure } = value
    return { kind: 'failed', failure, returnTo }
  }
  const [userId, teamId] = value
  return { kind: 'connected', ref: { userId, teamId } }
}
