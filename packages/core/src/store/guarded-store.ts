import type { Clock } from '../clock.js'
import { MiroError, StoreError } from '../errors.js'
import { CallDeadlines } from '../call-deadlines.js'
import { GatheredReads } from './gathered-reads.js'
import type { Store } from './store.js'

/** More microtasks than a store in memory takes. */
const microtasksAtOnce = 8

/** A call ends so much before a caller's own deadline of the same length: the caller is told that it was the store. */
const soonerMs = 5

/**
 * Wraps a store so that every error it throws reaches callers as a {@link StoreError}, and so does a call that is not
 * answered within `ms` milliseconds: a hung call would hold up every caller of the same grant. If the store has
 * `getAll`, the reads of one turn of the event loop are one call.
 */
export function guardedStore (store: Store, { clock, ms }: { clock: Clock, ms: number }): Store {
  const scan = store.scan?.bind(store)
  const late = (): Error => new StoreError(new Error('The store did not answer in time.'))
  const deadlines = new CallDeadlines({ clock, ms: Math.max(0, ms - soonerMs), late, microtasksAtOnce })

  async function guard<T> (operation: () => Promise<T>): Promise<T> {
    try {
      return await deadlines.limit(operation())
    } catch (error) {
      throw error instanceof MiroError ? error : new StoreError(error)
    }
  }

  const get = readerOf(store)

  return {
    get: (key) => guard(() => get(key)),
    cas: (key, expected, next) => guard(() => store.cas(key, expected, next)),
    ...(scan === undefined ? {} : { scan: (query) => guard(() => scan(query)) })
  }
}

function readerOf (store: Store): Store['get'] {
  const get = store.get.bind(store)
  const getAll = store.getAll?.bind(store)
  if (getAll === undefined) return get
  const gathered = new GatheredReads({ get, getAll })
  return (key) => gathered.get(key)
}
