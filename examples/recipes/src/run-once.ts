import type { Store } from '@miro-oauth/core'

export interface OnceOptions {
  /** The store of the app, `auth.store`: what it forgets is done again. */
  store: Store
  /**
   * What is done once, by a name that no other app over the same store uses. The parts are escaped, so that ids may
   * hold anything.
   */
  name: readonly string[]
  /** How long a process may work before another one may begin the same, in milliseconds. Default 15 minutes. */
  claimMs?: number | undefined
  /** How long it is remembered that it was done, in milliseconds. Default 2 days. */
  rememberMs?: number | undefined
  /** The time in epoch milliseconds. Default `Date.now`. */
  now?: (() => number) | undefined
}

const [begun, done] = ['"begun"', '"done"']

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/**
 * Does something once, in all processes that share the store: a record that is written by compare-and-set claims it.
 * The claim of a process that died ends by itself, and then another process begins the same anew.
 *
 * @param work its signal aborts before another process may begin
 * @returns `skipped`: it was done before. `busy`: another process is at it, or died over it less than `claimMs` ago
 * @throws {StoreError} and what `work` throws; then it may be tried again at once
 */
export async function runOnce (
  { store, name, claimMs = 15 * minuteMs, rememberMs = 2 * dayMs, now = Date.now }: OnceOptions,
  work: (signal: AbortSignal) => Promise<void>
): Promise<'done' | 'skipped' | 'busy'> {
  // Beside the app's own records: `rewrap` of `encryptedStore` and the ACL of the Redis store take what begins so.
  const key = `miro:once:${name.map(encodeURIComponent).join(':')}`
  // A timer of the process stops with it, and the record of the store does not: the signal is early.
  const signal = AbortSignal.timeout(Math.floor(claimMs * 0.8))
  const claimed = await store.cas(key, null, { body: begun, expiresAt: now() + claimMs })
  if (!claimed.ok) return claimed.current?.body === done ? 'skipped' : 'busy'
  try {
    await work(signal)
  } catch (error) {
    await store.cas(key, claimed.version, null).catch(() => {})
    throw error
  }
  await store.cas(key, claimed.version, { body: done, expiresAt: now() + rememberMs })
  return 'done'
}
