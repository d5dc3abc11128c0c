import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { RecordError, StoreError } from '../errors.js'
import type { GrantTable } from '../grant/grant-table.js'
import { storeKey } from '../store/keys.js'
import type { Entry, Store, Versioned } from '../store/store.js'
import { isJsonObject, parseJsonOrNull } from '../wire/lossless-json.js'

/** A walk through the grants that are due, whose pages are divided among processes. */
interface Walk {
  id: string
  /** The store's cursor of the page that is next; `null`: the first page is. */
  next: string | null
  /** Whether a process takes part that did not begin it. */
  isShared: boolean
}

/** Which grants a walk looks for. Processes that look for others do not share it. */
export interface WalkQuery {
  /** Grants whose pair was issued before this instant. */
  issuedBefore: number
  idleForMs: number
  unusedForMs: number
  limit: number
}

/** A page of a walk that one process has taken. */
export interface TakenPage {
  walkId: string
  keys: string[]
  isLast: boolean
  /** Whether other processes have taken pages too: one may have died in its page. */
  isShared: boolean
  /** Has the page taken again. Where another process has taken one since, it does nothing: then the walk is shared. */
  giveBack: () => Promise<void>
}

interface Parts {
  store: Store
  clock: Pick<Clock, 'now'>
  clientId: string
  table: GrantTable
}

/** Longer than a page takes: once its record is over, a walk is not shared any more. */
const keepWalkMs = 3_600_000

/**
 * Divides the pages of a walk among the processes that run `refreshDue` at once: a record says where the next page
 * begins, and a process takes that page by moving the record on with a compare-and-set.
 *
 * The record only saves work: where it is lost, two processes look at one page, and the lease of each grant decides.
 */
export class SharedWalks {
  readonly #parts: Parts

  constructor (parts: Parts) {
    this.#parts = parts
  }

  /**
   * Takes the next page of a walk: of the one with this id, else of the one that is under way, else of a new one.
   * `null`: no page of it is left, or its record is lost or unreadable.
   *
   * @throws {ConfigError} the store has no `scan`
   * @throws {StoreError} the page could not be had
   */
  async takePage (walkId: string | undefined, query: WalkQuery): Promise<TakenPage | null> {
    const { store, clientId } = this.#parts
    const key = storeKey('walk', clientId, String(query.idleForMs), String(query.unusedForMs))
    try {
      for (let found = await store.get(key); ;) {
        const walk = walkToJoin(parseWalk(found), walkId)
        if (walk === null) return null
        const page = await this.#scan(key, found, walk, query)
        const taken = await this.#take(key, found, walk, page)
        if ('keys' in taken) return taken
        found = taken.current
      }
    } catch (error) {
      if (error instanceof RecordError) return null
      throw error
    }
  }

  /** The cursor of a record may be of a server that is gone: the record goes, so that a run from the start is right. */
  async #scan (
    key: string, found: Versioned | null, { next }: Walk, { issuedBefore, limit }: WalkQuery
  ): Promise<{ keys: string[], cursor?: string | undefined }> {
    const { store, table } = this.#parts
    try {
      return await table.issuedBefore(issuedBefore, { limit, ...(next === null ? {} : { cursor: next }) })
    } catch (error) {
      if (found !== null) await store.cas(key, found.version, null).catch(orStoreError)
      throw error
    }
  }

  /** Returns the record that stands there now where another process was quicker. */
  async #take (
    key: string, found: Versioned | null, walk: Walk, { keys, cursor }: { keys: string[], cursor?: string | undefined }
  ): Promise<TakenPage | { current: Versioned | null }> {
    const { store } = this.#parts
    const page = { walkId: walk.id, keys, isLast: cursor === undefined, isShared: walk.isShared }
    const next = cursor === undefined ? null : this.#toEntry({ ...walk, next: cursor })
    // Most runs find one page at most, and leave nothing behind.
    if (found === null && next === null) return { ...page, giveBack: async () => {} }
    // Whether a write without a reply was made does not matter: the page is walked here, and may be by another one.
    const written = await store.cas(key, found?.version ?? null, next).catch(orStoreError)
    if (written?.ok === false) return written
    const version = next === null ? null : written?.version
    const giveBack = async (): Promise<void> => {
      if (version !== undefined) await store.cas(key, version, this.#toEntry(walk)).catch(orStoreError)
    }
    return { ...page, giveBack }
  }

  #toEntry (walk: Walk): Entry {
    return { body: JSON.stringify({ format: 1, ...walk }), expiresAt: this.#parts.clock.now() + keepWalkMs }
  }
}

/** `null`: the walk with this id is over. */
function walkToJoin (current: Walk | null, walkId: string | undefined): Walk | null {
  if (walkId !== undefined) return current?.id === walkId ? current : null
  return current === null ? { id: randomUUID(), next: null, isShared: false } : { ...current, isShared: true }
}

/** A body of another format counts as none, and is replaced. */
function parseWalk (found: Versioned | null): Walk | null {
  const record = found === null ? null : parseJsonOrNull(found.body)
  if (!isJsonObject(record)) return null
  const { format, id, next, isShared } = record
  const isWalk = format === 1 && typeof id === 'string' && (next === null || typeof next === 'string')
  return isWalk ? { id, next, isShared: isShared !== false } : null
}

function orStoreError (error: unknown): null {
  if (error instanceof StoreError) return null
  throw error
}
