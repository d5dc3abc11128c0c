import type { TestServer } from '@miro-oauth/test-servers'
import type { Random } from '../random.js'
import type { Timings } from '../timings.js'
import { lockFile } from './file-lock.js'
import type { StoreKind } from './store-kind.js'
import { StoreProxy } from './store-proxy.js'

/** What a storm does to its store. */
export interface StoreFaults {
  /** The store's address for the processes. */
  url: string
  /** Cuts a random connection. Returns false if there is none. */
  cut: (random: Random) => boolean
  /** Takes the store away, and resolves when it is back. Null for a store that this driver did not start. */
  outage: { everyMs: number, begin: (random: Random) => Promise<void> } | null
  close: () => void
}

/** Kills and restarts a server, and cuts its connections. A file has neither: its outage is a lock that others hold. */
export async function openStoreFaults (
  kind: StoreKind, { url, restart }: TestServer, { every, longestLockMs }: Timings
): Promise<StoreFaults> {
  if (kind === 'sqlite') {
    const begin = (random: Random): Promise<void> => lockFile(url, longestLockMs * random.next())
    return { url, cut: () => false, outage: { everyMs: every.lock, begin }, close: () => {} }
  }
  const proxy = await StoreProxy.open(url)
  return {
    url: proxy.url,
    cut: (random) => proxy.cut(random),
    outage: restart === undefined ? null : { everyMs: every.restart, begin: () => restart() },
    close: () => { proxy.close() }
  }
}
