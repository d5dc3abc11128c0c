import { ConfigError } from '../../errors.js'
import type { Store } from '../store.js'
import type { BodyReader } from './body-reader.js'
import type { NamedKey } from './key-ring.js'
import { seal } from './sealed-body.js'

/** Where {@link EncryptedStore.rewrap} begins, and what ends it early. */
export interface RewrapOptions {
  /** Where an earlier run stopped. Default: the beginning. */
  cursor?: string | undefined
  /** Ends the run after the page it is at. */
  signal?: AbortSignal | undefined
}

/** The result of {@link EncryptedStore.rewrap}. */
export interface RewrapResult {
  /** Records that were under another key, or plain, and are under the first one now. */
  rewrapped: number
  /** Records under another key that could not be read and were left alone. */
  unreadable: number
  /** Where to go on; absent when the run came to the end. */
  cursor?: string
}

interface RewrapParts {
  store: Store
  bodies: BodyReader
  first: NamedKey
}

/** Records rewritten at a time: more would crowd out the app's own use of the store. */
const pageSize = 20
const prefix = 'miro:'

/** Puts every record under the first key. @throws {ConfigError} the store has no `scan` */
export async function rewrap (parts: RewrapParts, { cursor, signal }: RewrapOptions = {}): Promise<RewrapResult> {
  const { store } = parts
  if (store.scan === undefined) throw new ConfigError('The option store has no scan, which rewrap needs to find the records.')
  signal?.throwIfAborted()
  const result: RewrapResult = { rewrapped: 0, unreadable: 0 }
  let next = cursor
  do {
    const page = await store.scan({
      prefix,
      expiresBefore: null,
      limit: pageSize,
      ...(next === undefined ? {} : { cursor: next })
    })
    for (const outcome of await Promise.all(page.keys.map((key) => rewrapOne(parts, key)))) {
      if (outcome !== 'untouched') result[outcome]++
    }
    next = page.cursor
  } while (next !== undefined && signal?.aborted !== true)
  return next === undefined ? result : { ...result, cursor: next }
}

/**
 * Replaces only the version it read, and keeps its expiry. The new version starts the age of a lease anew, so an
 * expired lease may hold for another `leaseMs`: that delays a refresh and never lets two begin.
 */
async function rewrapOne ({ store, bodies, first }: RewrapParts, key: string): Promise<'rewrapped' | 'unreadable' | 'untouched'> {
  let found = await store.get(key)
  while (found !== null && !await bodies.isCurrent(found.body)) {
    const body = await bodies.read(key, found.body).catch(() => null)
    if (body === null) return 'unreadable'
    const result = await store.cas(key, found.version, {
      body: await seal(body, key, first),
      expiresAt: found.expiresAt
    })
    if (result.ok) return 'rewrapped'
    found = result.current
  }
  return 'untouched'
}
