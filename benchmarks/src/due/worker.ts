import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMiroAuth, type MiroAuth } from '@miro-oauth/core'
import type { Backend } from '../backend/backend.js'
import type { BackendAddress } from '../backend/backend-kind.js'
import { countingStore, type CountingStore } from '../backend/counting-store.js'
import { openBackend } from '../backend/open-backend.js'
import { childInput, serve } from '../child/serve.js'
import type { Measurement } from '../measure/rounds.js'
import { idOf, tokenAnswer } from '../miro/token-endpoint.js'

/** What the sections pass to a worker. */
export interface DueWorkerInput {
  address: BackendAddress
  miroUrl: string
  /** How many grants there will be at most. */
  limit: number
}

/** How many grants to store, and how long ago their tokens were issued. */
export interface Filling {
  first: number
  count: number
  issuedDaysAgo: number
}

const dayMs = 86_400_000
const atOnce = 64

const { address, miroUrl, limit } = childInput() as DueWorkerInput
let backend: Backend
let counted: CountingStore
let auth: MiroAuth
await open()

serve({
  async clear () {
    if (address.kind !== 'memory') await backend.clear()
    await backend.close()
    await open()
  },
  fill: (filling) => fill(filling as Filling),
  walk,
  bytes: () => backend.bytes()
}, null, () => backend.close())

async function open (): Promise<void> {
  backend = await openBackend(address, limit)
  counted = countingStore(backend.store)
  auth = createMiroAuth({
    clientId: '3458764500000000001',
    clientSecret: 'a-client-secret-of-the-benchmarks',
    store: counted.store,
    endpoints: { apiUrl: miroUrl }
  })
}

/** Stores grants as a sign-in does. */
async function fill ({ first, count, issuedDaysAgo }: Filling): Promise<void> {
  const sentAt = Date.now() - issuedDaysAgo * dayMs
  let next = first
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < first + count) await auth.connect(tokenAnswer(idOf(next++)), { sentAt })
  }))
}

/** Calls `refreshDue` until there is no further page, as its documentation says. */
async function walk (): Promise<Measurement> {
  const before = counted.calls()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await sleep(5)
  const startedAt = performance.now()
  const sum = { refreshed: 0, failed: 0, skipped: 0 }
  let cursor: string | undefined
  do {
    const page = await auth.refreshDue({ cursor })
    sum.refreshed += page.refreshed
    sum.failed += page.failed
    sum.skipped += page.skipped
    if (page.stopped) throw new Error('A run of refreshDue was stopped.')
    cursor = page.cursor
  } while (cursor !== undefined)
  const elapsedMs = performance.now() - startedAt
  // A stall that ends with the run is counted when the timer is next due.
  await sleep(5)
  delay.disable()
  const after = counted.calls()
  const calls = { reads: after.reads - before.reads, writes: after.writes - before.writes }
  return { ...sum, ...calls, elapsedMs, stallMs: delay.max / 1e6 }
}
