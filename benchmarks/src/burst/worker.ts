import { performance } from 'node:perf_hooks'
import https from 'node:https'
import http, { type ClientRequest } from 'node:http'
import { createMiroAuth } from '@miro-oauth/core'
import { Miro } from '@mirohq/miro-api'
import type { Backend } from '../backend/backend.js'
import type { BackendAddress } from '../backend/backend-kind.js'
import { openBackend } from '../backend/open-backend.js'
import { childInput, serve } from '../child/serve.js'
import { newRefreshToken, teamId, tokenAnswer } from '../miro/token-endpoint.js'

/** The library that a burst is measured with. */
export type BurstLibrary = 'miro' | 'miro-api'

/** What the section passes to a worker. */
export interface WorkerInput {
  library: BurstLibrary
  address: BackendAddress
  miroUrl: string
}

/** What a library does for a burst. */
interface Driver {
  /** Stores a grant of this person whose token expired a moment ago. */
  expire: (userId: string) => Promise<unknown>
  call: (userId: string) => Promise<string>
}

const { library, address, miroUrl } = childInput() as WorkerInput
const backend = await openBackend(address)
const driver = library === 'miro' ? createMiroDriver(backend, miroUrl) : createMiroApiDriver(backend, miroUrl)
serve({
  expire: (userId) => driver.expire(String(userId)),
  burst: (input) => burst(driver, input as { userId: string, callers: number })
}, null, () => backend.close())

/** All callers at once: how long each waited, in milliseconds, and how many failed. */
async function burst (
  { call }: Driver, { userId, callers }: { userId: string, callers: number }
): Promise<{ waits: number[], failed: number }> {
  let failed = 0
  const waits = await Promise.all(Array.from({ length: callers }, async () => {
    const startedAt = performance.now()
    await call(userId).catch(() => { failed++ })
    return performance.now() - startedAt
  }))
  return { waits, failed }
}

function createMiroDriver ({ store }: Backend, miroUrl: string): Driver {
  const auth = createMiroAuth({
    clientId: '3458764500000000001', clientSecret: 'a-client-secret-of-the-benchmarks', store, endpoints: { apiUrl: miroUrl }
  })
  return {
    expire: (userId) => auth.connect(tokenAnswer(userId), { sentAt: Date.now() - 3_600_000 }),
    call: (userId) => auth.accessToken({ userId, teamId })
  }
}

/** As its README says, with a storage that keeps each state as JSON, and a network that leads to `miroUrl`. */
function createMiroApiDriver ({ texts }: Backend, miroUrl: string): Driver {
  redirectTo(miroUrl)
  const miro = new Miro({
    clientId: '3458764500000000001',
    clientSecret: 'secret',
    redirectUrl: 'http://localhost:3000/callback',
    storage: {
      async get (userId) {
        const text = await texts.get(String(userId))
        return text === null ? undefined : JSON.parse(text)
      },
      set: (userId, state) => texts.set(String(userId), JSON.stringify(state))
    }
  })
  return {
    expire: (userId) => texts.set(userId, JSON.stringify({
      userId, accessToken: 'expired', refreshToken: newRefreshToken(userId), tokenExpiresAt: new Date(Date.now() - 1000).toISOString()
    })),
    call: (userId) => miro.getAccessToken(userId)
  }
}

/** The library sends its refreshes to an address of Miro that is built into it. */
function redirectTo (miroUrl: string): void {
  const { hostname, port } = new URL(miroUrl)
  const send = http.request.bind(http) as (...input: unknown[]) => ClientRequest
  const redirected = (...[options, ...rest]: unknown[]): ClientRequest => {
    return send({ ...options as object, protocol: 'http:', host: hostname, hostname, port, agent: undefined }, ...rest)
  }
  Object.assign(https, { request: redirected })
}
