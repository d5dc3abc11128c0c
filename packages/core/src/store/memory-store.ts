import cluster from 'node:cluster'
import { randomUUID } from 'node:crypto'
import { emitWarning } from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { systemClock, type Clock } from '../clock.js'
import { requireCount, requireKnown } from '../option-checks.js'
import { isExpired, MemoryEntries } from './memory/entries.js'
import { markWithoutPlainText } from './plain-text.js'
import { markPromptGet } from './prompt-reads.js'
import type { CasResult, Store, Versioned } from './store.js'

/** Entries that a page may look at without letting others have their turn. */
const longLook = 1000

/** Settings of {@link memoryStore}. */
export interface MemoryStoreOptions {
  clock?: Pick<Clock, 'now'> | undefined
  /** How many live entries of one kind (grants, links, sessions, …) it holds. Default 100,000. */
  limit?: number | undefined
}

/**
 * Keeps everything in this process: for development, tests and demos.
 *
 * A restart forgets every grant, and other processes see none of them. It is bounded: when a kind is full, inserts fail
 * and no live entry is evicted, except for flows. A stranger can begin any number of those, and Miro takes the code of
 * a forgotten flow only once all the same, so the flow that ends first makes room. In a worker of a cluster it warns
 * (`MIRO_MEMORY_STORE`), for each worker has its own.
 */
export function memoryStore (options: MemoryStoreOptions = {}): Store {
  requireKnown('', options, { clock: true, limit: true })
  const { clock = systemClock, limit = 100_000 } = options
  requireCount('limit', limit)
  if (cluster.isWorker) {
    emitWarning('memoryStore() keeps Miro grants in this worker alone. Use a store that all workers share.', { code: 'MIRO_MEMORY_STORE' })
  }
  const entries = new MemoryEntries(limit)

  function read (key: string, now: number): Versioned | null {
    const stored = entries.get(key)
    if (stored === undefined || isExpired(stored, now)) return null
    return { body: stored.body, expiresAt: stored.expiresAt, version: stored.version, ageMs: now - stored.writtenAt }
  }

  return markPromptGet(markWithoutPlainText({
    async get (key) {
      return read(key, clock.now())
    },

    async cas (key, expected, next): Promise<CasResult> {
      const now = clock.now()
      const current = read(key, now)
      if ((current?.version ?? null) !== expected) return { ok: false, current }
      const version = randomUUID()
      if (next === null) entries.delete(key)
      else entries.set(key, { body: next.body, expiresAt: next.expiresAt, version, writtenAt: now })
      return { ok: true, version }
    },

    async scan (query) {
      const { looked, ...page } = entries.page(query, clock.now())
      // A caller that asks for page after page would otherwise hold up the process until the last one.
      if (looked > longLook) await nextTurn()
      return page
    }
  }))
}
