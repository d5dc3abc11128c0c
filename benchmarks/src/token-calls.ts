import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createMiroAuth, memoryStore, type Store } from '@miro-oauth/core'
import { accessToken } from './scenarios/scenario.js'

/** The rate of `accessToken()` of the core on a fresh grant. */
export interface TokenCalls {
  title: string
  /** Calls per second. */
  rate: number
  /** Processor time per call, in microseconds. */
  cpuMicros: number
}

const ref = { userId: '3458764500000000002', teamId: '3458764500000000003' }

/** Calls `accessToken()` for `ms` milliseconds, `callers` at a time. */
export async function measureTokenCalls (title: string, { store, callers, ms }: {
  store: Store
  callers: number
  ms: number
}): Promise<TokenCalls> {
  const auth = createMiroAuth({
    clientId: '3458764500000000001',
    clientSecret: 'a-client-secret-of-the-benchmarks',
    store
  })
  await auth.connect({
    user_id: ref.userId,
    team_id: ref.teamId,
    scope: 'boards:read boards:write',
    token_type: 'bearer',
    access_token: accessToken,
    refresh_token: `refresh-${accessToken}`,
    expires_in: 3600
  })
  const call = (): Promise<string> => auth.accessToken(ref)
  await callFor(ms / 2, callers, call)
  const before = process.cpuUsage()
  const startedAt = performance.now()
  const calls = await callFor(ms, callers, call)
  const elapsedMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(before)
  await auth.close()
  return { title, rate: calls / elapsedMs * 1000, cpuMicros: (user + system) / calls }
}

async function callFor (ms: number, callers: number, call: () => Promise<string>): Promise<number> {
  const until = performance.now() + ms
  let calls = 0
  await Promise.all(Array.from({ length: callers }, async () => {
    // In batches of 100: reading the clock costs about as much as a call.
    while (performance.now() < until) for (let index = 0; index < 100; index++, calls++) await call()
  }))
  return calls
}

/** A store that answers in a later turn of the event loop, as a store over a network does. */
export function laterStore (store: Store): Store {
  return {
    get: async (key) => {
      await nextTurn()
      return store.get(key)
    },
    cas: store.cas
  }
}

/** Measures with a store that answers at once, and with one that answers later. */
export async function measureAllTokenCalls (ms: number): Promise<TokenCalls[]> {
  return [
    await measureTokenCalls('store in memory', { store: memoryStore(), callers: 1, ms }),
    await measureTokenCalls('store that answers a turn later, 16 calls at a time', {
      store: laterStore(memoryStore()),
      callers: 16,
      ms
    })
  ]
}
