import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cookies } from '../http/cookies.js'
import type { FlowSeal } from './flow-seal.js'
import { flowMs, hashAppUserId, type Flow } from './flow.js'

/** The cookie outlives the flow, so that a late callback can be told that it is late. */
const cookieMs = 2 * flowMs
const maxFlows = 5

/** What a flow is begun with. */
interface FlowIntent {
  /** Absolute URL. */
  returnTo: string
  /** The app user who begins it; `null` in sign-in mode, where the flow itself signs the user in. */
  appUserId: string | null
}

/** The flows of a browser: one cookie each, so that tabs do not disturb each other. */
export interface Flows {
  /** Begins a flow and drops the oldest beyond five. Returns its `state`: 256 random bits. */
  begin: (request: FastifyRequest, reply: FastifyReply, intent: FlowIntent) => Promise<string>
  /** The flow that `state` belongs to, if it was begun in this browser. */
  find: (request: FastifyRequest, state: string) => Promise<Flow | null>
  /** Takes every flow cookie of ours from the browser. */
  clearAll: (request: FastifyRequest, reply: FastifyReply) => void
}

/** Makes {@link Flows} over sealed cookies. */
export function createFlows ({ cookies, seal, clock }: { cookies: Cookies, seal: FlowSeal, clock: Clock }): Flows {
  const prefix = cookies.nameOf('flow_')
  const nameFor = (state: string): string => prefix + hash(state).slice(0, 16)

  function sent (request: FastifyRequest): Array<[name: string, value: string]> {
    return Object.entries(cookies.read(request)).flatMap(([name, value]) => {
      // Others set cookies too, under names that could not even be cleared.
      const isOurs = name.startsWith(prefix) && /^[\w-]{16}$/.test(name.slice(prefix.length))
      return isOurs && value !== undefined ? [[name, value] as [string, string]] : []
    })
  }

  async function dropOldest (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const flows = await Promise.all(sent(request).map(async ([name, value]) => {
      return { name, startedAt: (await seal.open(name, value))?.startedAt ?? 0 }
    }))
    flows.sort((a, b) => b.startedAt - a.startedAt)
    for (const { name } of flows.slice(maxFlows - 1)) cookies.clear(reply, name)
  }

  return {
    async begin (request, reply, { returnTo, appUserId }) {
      await dropOldest(request, reply)
      const state = randomBytes(32).toString('base64url')
      const name = nameFor(state)
      cookies.set(reply, name, await seal.seal(name, { state, returnTo, appUserHash: hashAppUserId(appUserId), startedAt: clock.now() }), cookieMs)
      return state
    },

    async find (request, state) {
      const name = nameFor(state)
      const value = cookies.read(request)[name]
      const flow = value === undefined ? null : await seal.open(name, value)
      return flow !== null && isSame(flow.state, state) ? flow : null
    },

    clearAll (request, reply) {
      for (const [name] of sent(request)) cookies.clear(reply, name)
    }
  }
}

function hash (text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function isSame (a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
