import { hash, randomBytes } from 'node:crypto'
import type { Clock } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { claimedTime } from '../http/cookie-seal.js'
import type { Cookies } from '../http/cookies.js'
import { plainBytes, type FlowSeal } from './flow-seal.js'
import { hashAppUserId, keepFlowMs, type Flow, type FlowEnd, type SealedFlow } from './flow.js'
import type { StoredTargets } from './stored-targets.js'

/** Flows that a browser keeps when it begins one after the other. */
const maxFlows = 5
/**
 * What a flow cookie may take of the Cookie header, with its name; a longer target goes into the store. Twenty tabs
 * that are opened at once begin twenty flows, none of which sees the cookies of the others to drop them. With the four
 * flows that were kept, the session's 130 bytes and what a failed callback keeps they stay within 4 KB. With more, a
 * proxy refuses every page of the app until they expire.
 */
const maxCookieBytes = 158
/**
 * Sealing adds the time, an initialization vector and a tag, each with a dot, and makes four characters of three bytes.
 */
const sealBytes = 49

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
  /** Whether flows are begun with PKCE. */
  hasPkce: boolean
}

/** A flow that begins. */
export interface BegunFlow {
  /** 256 random bits. */
  state: string
  /** Of PKCE, by the method S256; `null`: without. */
  codeChallenge: string | null
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
   * @param intent.appUserId the app user who begins the flow; `null` in sign-in mode, where the flow itself signs the
   * user in
   * @throws {StoreError}
   */
  async begin (request: FastifyRequest, reply: FastifyReply, { end, appUserId }: {
    end: FlowEnd
    appUserId: string | null
  }): Promise<BegunFlow> {
    const { cookies, seal, targets, clock, hasPkce } = this.#parts
    const state = randomBytes(32).toString('base64url')
    const name = this.#nameFor(state)
    const target = this.#toTarget(end)
    const kind = { hasVerifier: hasPkce, isWindow: end.kind === 'window' }
    const flow = { startedAt: clock.now(), appUserHash: hashAppUserId(appUserId), target, ...kind }
    const fits = cookieBytes(name, flow) <= maxCookieBytes
    if (!fits) await targets.put(state, target)
    this.#dropOldest(request, reply)
    cookies.set(reply, name, await seal.seal(name, fits ? flow : { ...flow, target: null }), keepFlowMs)
    return { state, codeChallenge: hasPkce ? seal.codeChallenge(state) : null }
  }

  /** The flow of `state`; `null` where it was not begun in this browser. @throws {StoreError} */
  async find (request: FastifyRequest, state: string): Promise<Flow | null> {
    const { cookies, seal, targets } = this.#parts
    const name = this.#nameFor(state)
    const value = cookies.read(request)[name]
    const flow = value === undefined ? null : await seal.open(name, value, state)
    if (flow === null) return null
    const { startedAt, appUserHash, codeVerifier } = flow
    const end = this.#toEnd(flow.isWindow, flow.target ?? await targets.find(state))
    return { state, startedAt, appUserHash, codeVerifier, end }
  }

  /** Takes every flow cookie of this registration from the browser. */
  clearAll (request: FastifyRequest, reply: FastifyReply): void {
    for (const [name] of this.#sent(request)) this.#parts.cookies.clear(reply, name)
  }

  /** By the time that each of them claims: a stranger can send more cookies than it is cheap to open. */
  #dropOldest (request: FastifyRequest, reply: FastifyReply): void {
    const newestFirst = this.#sent(request).sort(([, a], [, b]) => claimedTime(b) - claimedTime(a))
    for (const [name] of newestFirst.slice(maxFlows - 1)) this.#parts.cookies.clear(reply, name)
  }

  #sent (request: FastifyRequest): Array<[name: string, value: string]> {
    return Object.entries(this.#parts.cookies.read(request)).flatMap(([name, value]) => {
      // Other code sets cookies too. Clearing a name that no Set-Cookie header can hold would throw.
      const isFlow = name.startsWith(this.#prefix) && /^[\w-]{22}$/.test(name.slice(this.#prefix.length))
      return isFlow && value !== undefined ? [[name, value] as [string, string]] : []
    })
  }

  /** A URL of the app as a path, which is joined to the origin again and never resolved: `//x` stays on our host. */
  #toTarget (end: FlowEnd): string {
    if (end.kind === 'window') return end.teamId ?? ''
    const { origin } = this.#parts
    return end.url.startsWith(`${origin}/`) ? end.url.slice(origin.length) : end.url
  }

  /** @param target `null`: it was forgotten */
  #toEnd (isWindow: boolean, target: string | null): FlowEnd {
    if (isWindow) return { kind: 'window', teamId: target === '' ? null : target }
    const { origin, defaultReturnTo } = this.#parts
    const url = target ?? defaultReturnTo
    return { kind: 'page', url: url.startsWith('/') ? origin + url : url }
  }

  #nameFor (state: string): string {
    return this.#prefix + hash('sha256', state, 'base64url').slice(0, 22)
  }
}

/** The length of `<name>=<value>; `. */
function cookieBytes (name: string, flow: SealedFlow): number {
  return name.length + sealBytes + Math.ceil(plainBytes(flow) * 4 / 3) + 3
}
