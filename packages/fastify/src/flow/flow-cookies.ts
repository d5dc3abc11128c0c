import { hash, randomBytes } from 'node:crypto'
import type { Clock } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../http/cookies.js'
import type { FlowSeal } from './flow-seal.js'
import { hashAppUserId, keepFlowMs, type Flow } from './flow.js'
import type { StoredTargets } from './stored-targets.js'

/** Flows that a browser keeps when it begins one after the other. */
const maxFlows = 5
/**
 * What a flow cookie may take of the Cookie header, with its name; a longer target goes into the store. Twenty tabs
 * that are opened at once begin twenty flows, none of which sees the cookies of the others to drop them. With the four
 * flows that were kept and the session's 130 bytes they stay within 4 KB. With more, a proxy refuses every page of the
 * app until they expire.
 */
const maxCookieBytes = 165
/** Sealing adds an initialization vector and a tag, each with a dot, and makes four characters of three bytes. */
const sealBytes = 40

/** What {@link FlowCookies} works with. */
interface FlowCookiesParts {
  cookies: Cookies
  seal: FlowSeal
  targets: StoredTargets
  clock: Clock
  /** The app's own origin. */
  origin: string
  /** Where a flow returns to whose own target was forgotten. */
  defaultReturnTo: string
}

/** The flows of a browser: one sealed cookie each, so that tabs do not disturb each other. */
export class FlowCookies {
  readonly #parts: FlowCookiesParts
  readonly #prefix: string

  constructor (parts: FlowCookiesParts) {
    this.#parts = parts
    this.#prefix = parts.cookies.nameOf('flow_')
  }

  /**
   * Begins a flow and drops the oldest ones beyond five.
   *
   * @param intent.returnTo an absolute URL
   * @param intent.appUserId the app user who begins the flow; `null` in sign-in mode, where the flow itself signs the
   * user in
   * @returns its `state`: 256 random bits
   * @throws {StoreError}
   */
  async begin (request: FastifyRequest, reply: FastifyReply, { returnTo, appUserId }: {
    returnTo: string
    appUserId: string | null
  }): Promise<string> {
    const { cookies, seal, targets, clock } = this.#parts
    const state = randomBytes(32).toString('base64url')
    const name = this.#nameFor(state)
    const flow = { startedAt: clock.now(), appUserHash: hashAppUserId(appUserId), target: this.#toTarget(returnTo) }
    const fits = cookieBytes(name, flow) <= maxCookieBytes
    if (!fits) await targets.put(state, flow.target)
    await this.#dropOldest(request, reply)
    cookies.set(reply, name, await seal.seal(name, fits ? flow : { ...flow, target: null }), keepFlowMs)
    return state
  }

  /** The flow of `state`; `null` where it was not begun in this browser. @throws {StoreError} */
  async find (request: FastifyRequest, state: string): Promise<Flow | null> {
    const { cookies, seal, targets, origin, defaultReturnTo } = this.#parts
    const name = this.#nameFor(state)
    const value = cookies.read(request)[name]
    const flow = value === undefined ? null : await seal.open(name, value)
    if (flow === null) return null
    const target = flow.target ?? await targets.find(state) ?? defaultReturnTo
    return { state, startedAt: flow.startedAt, appUserHash: flow.appUserHash, returnTo: target.startsWith('/') ? origin + target : target }
  }

  /** Takes every flow cookie of this registration from the browser. */
  clearAll (request: FastifyRequest, reply: FastifyReply): void {
    for (const [name] of this.#sent(request)) this.#parts.cookies.clear(reply, name)
  }

  async #dropOldest (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { cookies, seal } = this.#parts
    const flows = await Promise.all(this.#sent(request).map(async ([name, value]) => {
      return { name, startedAt: (await seal.open(name, value))?.startedAt ?? 0 }
    }))
    flows.sort((a, b) => b.startedAt - a.startedAt)
    for (const { name } of flows.slice(maxFlows - 1)) cookies.clear(reply, name)
  }

  #sent (request: FastifyRequest): Array<[name: string, value: string]> {
    return Object.entries(this.#parts.cookies.read(request)).flatMap(([name, value]) => {
      // Other code sets cookies too. Clearing a name that no Set-Cookie header can hold would throw.
      const isFlow = name.startsWith(this.#prefix) && /^[\w-]{16}$/.test(name.slice(this.#prefix.length))
      return isFlow && value !== undefined ? [[name, value] as [string, string]] : []
    })
  }

  /** A URL of the app as a path, which is joined to the origin again and never resolved: `//x` stays on our host. */
  #toTarget (returnTo: string): string {
    const { origin } = this.#parts
    return returnTo.startsWith(`${origin}/`) ? returnTo.slice(origin.length) : returnTo
  }

  #nameFor (state: string): string {
    return this.#prefix + hash('sha256', state, 'base64url').slice(0, 16)
  }
}

/** The length of `<name>=<value>; `. */
function cookieBytes (name: string, { startedAt, appUserHash, target }: {
  startedAt: number
  appUserHash: string | null
  target: string
}): number {
  const plain = Buffer.byteLength(JSON.stringify([startedAt, appUserHash, target]))
  return name.length + sealBytes + Math.ceil(plain * 4 / 3) + 3
}
