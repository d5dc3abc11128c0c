import { createMiroAuth, MiroError } from '@miro-oauth/core'
import { personAt } from '../people/person.js'
import { openStore } from '../stores/open-store.js'
import type { StoreKind } from '../stores/store-kind.js'
import type { MiroAddress } from '../fleet/messages.js'

/** What a process of the expiries is told when it is forked. */
export interface ExpiryWorkerOptions {
  store: { kind: StoreKind, url: string }
  miro: MiroAddress
}

/** Puts the clock ahead, or has many ask at once. */
export type ExpiryTask = { type: 'advance', aheadMs: number } | { type: 'ask', callers: number }

/** What became of one round in one process. */
export interface Asked {
  failed: string[]
  /** How many different access tokens its callers got, and how many of these Miro refuses. */
  tokens: number
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
  const answer = await fetch(`${miro.apiUrl}/v1/oauth-token`, { headers: { authorization: `Bearer ${accessToken}` } })
  return answer.status !== 200
}

async function ask (callers: number): Promise<Asked> {
  const person = personAt(0)
  const given = await Promise.allSettled(Array.from({ length: callers }, () => auth.accessToken(person)))
  const tokens = new Set(given.flatMap((one) => one.status === 'fulfilled' ? [one.value] : []))
  const failed = given.flatMap((one) => one.status === 'rejected' ? [one.reason instanceof MiroError ? one.reason.code : String(one.reason)] : [])
  const refused = await Promise.all([...tokens].map(isRefused))
  return { failed, tokens: tokens.size, refused: refused.filter(Boolean).length }
}

process.on('message', (task: ExpiryTask) => {
  if (task.type === 'advance') {
    aheadMs = task.aheadMs
    process.send?.({ type: 'advanced' })
  } else {
    ask(task.callers).then((asked) => process.send?.(asked), (error: unknown) => { throw error })
  }
})
process.once('SIGTERM', () => {
  auth.close().then(() => open.close()).then(() => { process.disconnect() }, () => {})
})
process.send?.({ type: 'ready' })
