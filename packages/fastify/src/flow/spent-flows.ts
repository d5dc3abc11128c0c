import { createHash } from 'node:crypto'
import { RecordError, type Clock, type Store } from '@miro-oauth/core'
import { startStopwatch, storeKey } from '@miro-oauth/core/internal'
import { flowMs } from './flows.js'

/** How a flow ended: `signed-in` under which session, `linked` to the app user who began it, or `ended` without either. */
export type FlowEnd = { outcome: 'signed-in', sessionKey: string } | { outcome: 'linked' } | { outcome: 'ended' }

/** What the first and what any later callback of a flow gets. */
export type Spending =
  | { first: true, finish: (end: FlowEnd) => Promise<void> }
  /** `waited`: the first had not ended yet when this one came. `end: null`: it still has not. */
  | { first: false, end: FlowEnd | null, waited: boolean }

/** Remembers which flows were spent, in the store: single use holds across processes. */
export interface SpentFlows {
  /** Spends a flow. A later hit waits up to five seconds for the first one's end. @throws {StoreError | RecordError} */
  spend: (state: string) => Promise<Spending>
}

const keepMs = 2 * flowMs
const waitMs = { each: 100, all: 5000 }

/** Makes {@link SpentFlows}. */
export function createSpentFlows ({ store, clock, clientId }: { store: Store, clock: Clock, clientId: string }): SpentFlows {
  const keyOf = (state: string): string => storeKey('flow', clientId, createHash('sha256').update(state).digest('base64url'))
  const entry = (end: FlowEnd | null): { body: string, expiresAt: number } => ({ body: JSON.stringify(end), expiresAt: clock.now() + keepMs })

  async function waitForEnd (key: string, body: string | undefined): Promise<{ end: FlowEnd | null, waited: boolean }> {
    const elapsedMs = startStopwatch(clock)
    let current = body
    while (isPending(current) && elapsedMs() < waitMs.all) {
      await clock.wait(waitMs.each)
      current = (await store.get(key))?.body
    }
    return { end: parseEnd(current), waited: isPending(body) }
  }

  return {
    async spend (state) {
      const key = keyOf(state)
      const inserted = await store.cas(key, null, entry(null))
      if (!inserted.ok) return { first: false, ...await waitForEnd(key, inserted.current?.body) }
      return {
        first: true,
        async finish (end) {
          await store.cas(key, inserted.version, entry(end))
        }
      }
    }
  }
}

function isPending (body: string | undefined): boolean {
  return body === 'null'
}

function parseEnd (body: string | undefined): FlowEnd | null {
  if (body === undefined || isPending(body)) return null
  try {
    const end: unknown = JSON.parse(body)
    return isFlowEnd(end) ? end : { outcome: 'ended' }
  } catch {
    throw new RecordError()
  }
}

function isFlowEnd (value: unknown): value is FlowEnd {
  if (typeof value !== 'object' || value === null || !('outcome' in value)) return false
  if (value.outcome === 'signed-in') return 'sessionKey' in value && typeof value.sessionKey === 'string'
  return value.outcome === 'linked' || value.outcome === 'ended'
}
