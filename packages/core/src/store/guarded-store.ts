import type { Clock } from '../clock.js'
import { CallDeadlines } from '../call-deadlines.js'
import { StoreError } from '../errors.js'
import { GatheredReads } from './gathered-reads.js'
import { promptGetOf } from './prompt-reads.js'
import { toStoreError } from './store-failure.js'
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
  const deadlines = new CallDeadlines({
    clock, ms: Math.max(0, ms - soonerMs), late, toFailure: toStoreError, microtasksAtOnce
  })
  return {
    get: guardedGet(store, deadlines),
    cas: (key, expected, next) => deadlines.limit(() => store.cas(key, expected, next)),
    ...(scan === undefined ? {} : { scan: (query) => deadlines.limit(() => scan(query)) })
  }
}

/**
 * The deadline is of the call, and not of each read in it. A read in memory has none: for the two of a request it would
 * take a tenth of the time that the request takes here.
 */
function guardedGet (store: Store, deadlines: CallDeadlines): Store['get'] {
  const prompt = promptGetOf(store)
  if (prompt !== null) return prompt
  const get: Store['get'] = (key) => deadlines.limit(() => store.get(key))
  const getAll = store.getAll?.bind(store)
  if (getAll === undefined) return get
  const gathered = new GatheredReads({ get, getAll: (keys) => deadlines.limit(() => getAll(keys)) })
  return (key) => gathered.get(key)
}
