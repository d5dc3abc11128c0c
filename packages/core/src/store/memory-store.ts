import cluster from 'node:cluster'
import { randomUUID } from 'node:crypto'
import { emitWarning } from 'node:process'
import { systemClock, type Clock } from '../clock.js'
import type { CasResult, Entry, ScanQuery, Store, Versioned } from './store.js'

interface Stored extends Entry {
  version: string
  writtenAt: number
}

/** Settings of {@link memoryStore}. */
export interface MemoryStoreOptions {
  clock?: Pick<Clock, 'now'>
  /** How many live entries of one kind (grants, links, sessions, …) it holds; further inserts are refused. Default 100,000. */
  limit?: number
}

/**
 * Keeps everything in this process: for development, tests and demos.
 *
 * A restart forgets every grant, and other processes see none of them. It is bounded: when a kind is full, inserts fail
 * and nothing that lives is evicted. In a worker of a cluster it warns (`MIRO_MEMORY_STORE`), for each has its own.
 */
export function memoryStore ({ clock = systemClock, limit = 100_000 }: MemoryStoreOptions = {}): Store {
  if (cluster.isWorker) {
    emitWarning('memoryStore() keeps Miro grants in this worker alone. Use a store that all workers share.', { code: 'MIRO_MEMORY_STORE' })
  }
  const kinds = new Map<string, Map<string, Stored>>()

  function kindOf (key: string): Map<string, Stored> {
    const end = key.indexOf(':', key.indexOf(':') + 1)
    const name = end === -1 ? key : key.slice(0, end)
    const kind = kinds.get(name) ?? new Map<string, Stored>()
    kinds.set(name, kind)
    return kind
  }

  function read (key: string): Versioned | null {
    const kind = kindOf(key)
    const stored = kind.get(key)
    if (stored === undefined) return null
    const now = clock.now()
    if (isOver(stored, now)) {
      kind.delete(key)
      return null
    }
    return { body: stored.body, expiresAt: stored.expiresAt, version: stored.version, ageMs: now - stored.writtenAt }
  }

  function insertable (kind: Map<string, Stored>): boolean {
    if (kind.size < limit) return true
    for (const [key, stored] of kind) if (isOver(stored, clock.now())) kind.delete(key)
    return kind.size < limit
  }

  return {
    async get (key) {
      return read(key)
    },

    async cas (key, expected, next): Promise<CasResult> {
      const current = read(key)
      if ((current?.version ?? null) !== expected) return { ok: false, current }
      const kind = kindOf(key)
      const version = randomUUID()
      if (next === null) {
        kind.delete(key)
        return { ok: true, version }
      }
      if (current === null && !insertable(kind)) throw new Error('The memory store is full.')
      kind.set(key, { body: next.body, expiresAt: next.expiresAt, version, writtenAt: clock.now() })
      return { ok: true, version }
    },

    async scan ({ prefix, expiresBefore, cursor = '', limit: pageSize }: ScanQuery) {
      const keys = Array.from(kinds.values(), (kind) => Array.from(kind)).flat()
        .filter(([key, stored]) => key.startsWith(prefix) && key > cursor &&
          isWithin(stored, expiresBefore) && !isOver(stored, clock.now()))
        .map(([key]) => key)
        .sort()
        .slice(0, pageSize)
      const last = keys.at(-1)
      return last === undefined || keys.length < pageSize ? { keys } : { keys, cursor: last }
    }
  }
}

function isOver (entry: Entry, now: number): boolean {
  return entry.expiresAt !== null && entry.expiresAt <= now
}

/** Whether an entry ends before an instant; `null` is after everything. */
function isWithin ({ expiresAt }: Entry, expiresBefore: number | null): boolean {
  return expiresBefore === null || (expiresAt !== null && expiresAt < expiresBefore)
}
