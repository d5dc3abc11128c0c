import { emitWarning } from 'node:process'
import { ConfigError, RecordError } from '../errors.js'
import { requireKnown } from '../option-checks.js'
import { BodyReader } from './encryption/body-reader.js'
import { toKeyRing } from './encryption/key-ring.js'
import { rewrap, type RewrapOptions, type RewrapResult } from './encryption/rewrap.js'
import { seal } from './encryption/sealed-body.js'
import { markWithoutPlainText } from './plain-text.js'
import { requireStore } from './require-store.js'
import type { Store, Versioned } from './store.js'

/** Settings of {@link encryptedStore}. */
export interface EncryptedStoreOptions {
  /**
   * Keys, each as `name:key`: a name that no other key ever had, and 32 random bytes in base64url or base64. The first
   * encrypts, all decrypt. Several come as a list, or in one text with commas between them. One way to make one:
   *
   * ```sh
   * node -p "'2026-11:' + crypto.randomBytes(32).toString('base64url')"
   * ```
   */
  keys: string | ReadonlyArray<string | undefined> | undefined
  /**
   * Accepts records that are not encrypted, for as long as it takes to encrypt a store that was in use before.
   * Meanwhile a process that can write to the store can forge records: sessions of any user, grants of other people.
   * Default `false`.
   */
  dangerouslyReadPlain?: boolean | undefined
}

type Found = Versioned | null | Error

/** A store whose bodies are encrypted. */
export interface EncryptedStore extends Store {
  /**
   * Encrypts records with the first key that are under another one, or plain (see `dangerouslyReadPlain`); needs the
   * store's `scan`. It may run in every process at once, beside the app, and be stopped and begun again at any time.
   *
   * Records that it cannot read are counted and left as they are. Run it only once every process has the first key: a
   * process without that key could not store a pair that Miro is just giving it.
   *
   * @throws {ConfigError} the store has no `scan`
   * @throws the store's errors, and the signal's reason where it was aborted before the call
   */
  rewrap: (options?: RewrapOptions) => Promise<RewrapResult>
}

/**
 * Encrypts the bodies of a store (JWE), each bound to its record: a body under an unknown key, changed, plain or moved
 * there from another record is MIRO_RECORD, and is left as it is.
 *
 * Keys of records (they hold ids of users and teams), versions and expiries stay readable. An older body that is put
 * back into the same record is not noticed: guard access to the store all the same.
 *
 * @throws {ConfigError} a wrong option, by name: also for a key that is not random
 * @see https://www.rfc-editor.org/rfc/rfc7516
 */
export function encryptedStore (store: Store, options: EncryptedStoreOptions): EncryptedStore {
  const inner = requireStore(store)
  requireKnown('', options, { keys: true, dangerouslyReadPlain: true })
  const { keys, dangerouslyReadPlain = false } = options
  const ring = toKeyRing(keys)
  const bodies = new BodyReader(ring, { readsPlain: requirePlainSwitch(dangerouslyReadPlain) })
  const scan = inner.scan?.bind(inner)
  const getAll = inner.getAll?.bind(inner)

  async function open (key: string, found: Versioned | null): Promise<Versioned | null> {
    return found === null ? null : { ...found, body: await bodies.recall(key, found.body) }
  }

  /** A body that cannot be decrypted is an error in its own place. */
  async function openEach (keys: readonly string[], found: Found[]): Promise<Found[]> {
    return Promise.all(found.slice(0, keys.length).map(async (each, index) => {
      return each instanceof Error ? each : open(keys[index] ?? '', each).catch(toError)
    }))
  }

  return markWithoutPlainText({
    get: async (key) => open(key, await inner.get(key)),
    ...(getAll === undefined ? {} : { getAll: async (keys) => openEach(keys, await getAll(keys)) }),

    async cas (key, expected, next) {
      const sealed = next === null ? null : { ...next, body: await seal(next.body, key, ring.first) }
      const result = await inner.cas(key, expected, sealed)
      return result.ok ? result : { ok: false, current: await open(key, result.current) }
    },

    ...(scan === undefined ? {} : { scan }),

    rewrap: (options) => rewrap({ store: inner, bodies, first: ring.first }, options)
  })
}

function toError (error: unknown): Error {
  return error instanceof Error ? error : new RecordError()
}

/** Not a text from the environment: `'false'` would switch it on. */
function requirePlainSwitch (value: unknown): boolean {
  if (typeof value !== 'boolean') throw new ConfigError('The option dangerouslyReadPlain must be true or false.')
  if (value) {
    emitWarning('dangerouslyReadPlain is on: write access to the store is enough to sign in as any user. Run rewrap(), then take it out.', { code: 'MIRO_READ_PLAIN' })
  }
  return value
}
