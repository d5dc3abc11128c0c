import { createHash } from 'node:crypto'
import { RecordError, type Clock, type Store } from '@miro-oauth/core'
import { startStopwatch, storeKey } from '@miro-oauth/core/internal'
import { flowMs } from './flow.js'

/** What became of a flow: `signed-in` with a session, `linked` to the app user who began it, or `failed`. */
export type FlowOutcome = { kind: 'signed-in', sessionKey: string } | { kind: 'linked' } | { kind: 'failed' }

/** A flow is redeemed once: its first callback goes on to the exchange, a repeated one gets what became of the first. */
export type Redemption =
  | { first: true, finish: (outcome: FlowOutcome) => Promise<void> }
  /** `waited`: the first callback was still running when this one came. `outcome: null`: it still is. */
  | { first: false, outcome: FlowOutcome | null, waited: boolean }

/** Remembers which flows were spent, in the store: single use holds across processes. */
export interface SpentFlows {
  /** Redeems a flow. A repeated callback waits up to five seconds for the outcome of the first. @throws {StoreError | RecordError} */
  redeem: (state: string) => Promise<Redemption>
}

const keepMs = 2 * flowMs
const waitMs = { each: 100, all: 5000 }

/** Makes {@link SpentFlows}. */
export function createSpentFlows ({ store, clock, clientId }: { store: Store, clock: Clock, clientId: string }): SpentFlows {
  const keyOf = (state: string): string => storeKey('flow', clientId, createHash('sha256').update(state).digest('base64url'))
  const entry = (outcome: FlowOutcome | null): { body: string, expiresAt: number } => ({ body: JSON.stringify(outcome), expiresAt: clock.now() + keepMs })

  async function waitForOutcome (key: string, body: string | undefined): Promise<{ outcome: FlowOutcome | null, waited: boolean }> {
    const elapsedMs = startStopwatch(clock)
    let current = body
    while (isPending(current) && elapsedMs() < waitMs.all) {
      await clock.wait(waitMs.each)
      current = (await store.get(key))?.body
    }
    return { outcome: parseOutcome(current), waited: isPending(body) }
  }

  return {
    async redeem (state) {
      const key = keyOf(state)
      const inserted = await store.cas(key, null, entry(null))
      if (!inserted.ok) return { first: false, ...await waitForOutcome(key, inserted.current?.body) }
      return {
        first: true,
        async finish (outcome) {
          await store.cas(key, inserted.version, entry(outcome))
        }
      }
    }
  }
}

function isPending (body: string | undefined): boolean {
  return body === 'null'
}

function parseOutcome (body: string | undefined): FlowOutcome | null {
  if (body === undefined || isPending(body)) return null
  try {
    const outcome: unknown = JSON.parse(body)
    if (isFlowOutcome(outcome)) return outcome
  } catch {
    // Not JSON: the same failure as JSON of another shape.
  }
  throw new RecordError()
}

function isFlowOutcome (value: unknown): value is FlowOutcome {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  if (value.kind === 'signed-in') return 'sessionKey' in value && typeof value.sessionKey === 'string'
  return value.kind === 'linked' || value.kind === 'failed'
}
