import { createMiroAuth, MiroError } from '@miro-oauth/core'
import type { MiroAddress } from '../fleet/messages.js'
import { personAt } from '../people/person.js'
import { openStore } from '../stores/open-store.js'
import type { StoreKind } from '../stores/store-kind.js'

/** The options of a process of the expiries, which it gets as its only argument. */
export interface ExpiryWorkerOptions {
  store: { kind: StoreKind, url: string }
  miro: MiroAddress
}

/** A task of the driver: set the clock ahead, or have many callers ask for a token at once. Each is answered. */
export type ExpiryTask = { type: 'set-clock', aheadMs: number } | { type: 'ask', callers: number }

/** The answer to `ask`. */
export interface AskResult {
  /** The error codes of the callers that got no token. */
  failed: string[]
  /** How many different access tokens the callers got. */
  tokens: number
  /** How many of these Miro refuses. */
  refused: number
}

const { store, miro } = JSON.parse(process.argv[2] ?? '{}') as ExpiryWorkerOptions
const open = await openStore(store.kind, store.url)
let aheadMs = 0
const auth = createMiroAuth({
  clientId: miro.clientId,
  clientSecret: miro.clientSecret,
  store: open.store,
  endpoints: { apiUrl: miro.apiUrl },
  clock: { now: () => Date.now() + aheadMs }
})

async function isRefused (accessToken: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${accessToken}` }
  return (await fetch(`${miro.apiUrl}/v1/oauth-token`, { headers })).status !== 200
}

async function ask (callers: number): Promise<AskResult> {
  const person = personAt(0)
  const results = await Promise.allSettled(Array.from({ length: callers }, () => auth.accessToken(person)))
  const tokens = new Set(results.flatMap((result) => result.status === 'fulfilled' ? [result.value] : []))
  const failed = results.flatMap((result) => result.status === 'rejected' ? [codeOf(result.reason)] : [])
  const refused = await Promise.all([...tokens].map(isRefused))
  return { failed, tokens: tokens.size, refused: refused.filter(Boolean).length }
}

function codeOf (error: unknown): string {
  return error instanceof MiroError ? error.code : String(error)
}

process.on('message', (task: ExpiryTask) => {
  if (task.type === 'set-clock') {
    aheadMs = task.aheadMs
    process.send?.({ type: 'clock-set' })
  } else {
    ask(task.callers).then((result) => process.send?.(result), (error: unknown) => { throw error })
  }
})
process.once('SIGTERM', () => {
  auth.close().then(() => open.close()).then(() => { process.disconnect() }, () => {})
})
process.send?.({ type: 'ready' })
