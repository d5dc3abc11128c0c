import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../http/cookies.js'
import type { FlowSeal } from './flow-seal.js'
import { flowMs, hashAppUserId, type Flow } from './flow.js'

/**
 * A cookie outlives its flow, so that a late callback gets MIRO_CALLBACK_STATE_EXPIRED instead of
 * MIRO_CALLBACK_STATE_UNKNOWN.
 */
const cookieMs = 2 * flowMs
/** Five cookies with the longest targets fit into a header of 8 KB, where servers begin to refuse. */
const maxFlows = 5

/** The flows of a browser: one sealed cookie each, so that tabs do not disturb each other. */
export class FlowCookies {
  readonly #cookies: Cookies
  readonly #seal: FlowSeal
  readonly #clock: Clock
  readonly #prefix: string

  constructor ({ cookies, seal, clock }: { cookies: Cookies, seal: FlowSeal, clock: Clock }) {
    this.#cookies = cookies
    this.#seal = seal
    this.#clock = clock
    this.#prefix = cookies.nameOf('flow_')
  }

  /**
   * Begins a flow and drops the oldest ones beyond five.
   *
   * @param intent.returnTo an absolute URL
   * @param intent.appUserId the app user who begins the flow; `null` in sign-in mode, where the flow itself signs the
   * user in
   * @returns its `state`: 256 random bits
   */
  async begin (request: FastifyRequest, reply: FastifyReply, { returnTo, appUserId }: {
    returnTo: string
    appUserId: string | null
  }): Promise<string> {
    await this.#dropOldest(request, reply)
    const state = randomBytes(32).toString('base64url')
    const name = this.#nameFor(state)
    const flow = { state, returnTo, appUserHash: hashAppUserId(appUserId), startedAt: this.#clock.now() }
    this.#cookies.set(reply, name, await this.#seal.seal(name, flow), cookieMs)
    return state
  }

  /** The flow of `state`; `null` where it was not begun in this browser. */
  async find (request: FastifyRequest, state: string): Promise<Flow | null> {
    const name = this.#nameFor(state)
    const value = this.#cookies.read(request)[name]
    const flow = value === undefined ? null : await this.#seal.open(name, value)
    return flow !== null && isSame(flow.state, state) ? flow : null
  }

  /** Takes every flow cookie of this registration from the browser. */
  clearAll (request: FastifyRequest, reply: FastifyReply): void {
    for (const [name] of this.#sent(request)) this.#cookies.clear(reply, name)
  }

  async #dropOldest (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const flows = await Promise.all(this.#sent(request).map(async ([name, value]) => {
      return { name, startedAt: (await this.#seal.open(name, value))?.startedAt ?? 0 }
    }))
    flows.sort((a, b) => b.startedAt - a.startedAt)
    for (const { name } of flows.slice(maxFlows - 1)) this.#cookies.clear(reply, name)
  }

  #sent (request: FastifyRequest): Array<[name: string, value: string]> {
    return Object.entries(this.#cookies.read(request)).flatMap(([name, value]) => {
      // Other code sets cookies too. Clearing a name that no Set-Cookie header can hold would throw.
      const isFlow = name.startsWith(this.#prefix) && /^[\w-]{16}$/.test(name.slice(this.#prefix.length))
      return isFlow && value !== undefined ? [[name, value] as [string, string]] : []
    })
  }

  #nameFor (state: string): string {
    return this.#prefix + hash('sha256', state, 'base64url').slice(0, 16)
  }
}

function isSame (a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
