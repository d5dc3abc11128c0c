import { createHash } from 'node:crypto'
import { storeKey, type Clock, type Store } from '@miro-oauth/core'
import { flowMs } from './flows.js'

/** How a flow ended: `signed-in` under which session, or `ended` without one. */
export type FlowEnd = { outcome: 'signed-in', sessionKey: string } | { outcome: 'ended' }

/** What the first and what any later callback of a flow gets. */
export type Spending =
  | { first: true, finish: (end: FlowEnd) => Promise<void> }
  | { first: false, end: FlowEnd | null }

/** Remembers which flows were spent, in the store: single use holds across processes. */
export interface SpentFlows {
  /** Spends a flow. A later hit waits up to five seconds for the first one's end; `null`: it has not ended yet. */
  spend: (state: string) => Promise<Spending>
}

const keepMs = 2 * flowMs
const waitMs = { each: 100, all: 5000 }

/** Makes {@link SpentFlows}. */
export function createSpentFlows ({ store, clock, clientId }: { store: Store, clock: Clock, clientId: string }): SpentFlows {
  const keyOf = (state: string): string => storeKey('flow', clientId, createHash('sha256').update(state).digest('base64url'))
  const entry = (end: FlowEnd | null): { body: string, expiresAt: number } => ({ body: JSON.stringify(end), expiresAt: clock.now() + keepMs })

  async function waitForEnd (key: string, body: string | undefined): Promise<FlowEnd | null> {
    let current = body
    for (let waitedMs = 0; waitedMs < waitMs.all && isPending(current); waitedMs += waitMs.each) {
      await clock.wait(waitMs.each)
      current = (await store.get(key))?.body
    }
    return parseEnd(current)
  }

  return {
    async spend (state) {
      const key = keyOf(state)
      const inserted = await store.cas(key, null, entry(null))
      if (!inserted.ok) return { first: false, end: await waitForEnd(key, inserted.current?.body) }
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
  const end: unknown = JSON.parse(body)
  const sessionKey = typeof end === 'object' && end !== null && 'sessionKey' in end ? end.sessionKey : null
  return typeof sessionKey === 'string' ? { outcome: 'signed-in', sessionKey } : { outcome: 'ended' }
}
