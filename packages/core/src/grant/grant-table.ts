import type { Clock } from '../clock.js'
import { ConfigError, StoreError } from '../errors.js'
import { ParsedBodies } from '../store/parsed-bodies.js'
import type { Entry, ScanQuery, Store } from '../store/store.js'
import { grantKeyPrefix, type GrantRef } from './grant.js'
import { GrantKeys } from './grant-keys.js'
import { parseGrant, serializeGrant } from './grant-body.js'
import type { ActiveGrant, GrantRecord, RejectedGrant } from './grant-record.js'

/** A record with the version it was read at. `record: null`: the key has no entry, and a write expects that. */
export type StoredGrant =
  | { record: GrantRecord, version: string, ageMs: number }
  | { record: null, version: null, ageMs: 0 }

/** Whether a write was made, and the record that stands there now. */
interface Written {
  ok: boolean
  stored: StoredGrant
}

const dayMs = 86_400_000
/** Longer than Miro's 60 days, so that a refusal of Miro's ends a grant, and not the store's expiry. */
const keepRefreshableMs = 90 * dayMs
/** Long enough for every late answer to find the tombstone. */
const keepTombstoneMs = 7 * dayMs
/** The same for one that is to go soon: longer than any lease and any write that is under way. */
const keepForgottenMs = 3_600_000

/** Reads and writes the records of grants. */
export class GrantTable {
  readonly #store: Store
  readonly #clock: Pick<Clock, 'now'>
  readonly #clientId: string
  readonly #keepForgottenMs: number
  readonly #keys: GrantKeys
  readonly #parsed = new ParsedBodies<GrantRecord>()

  constructor ({ store, clock, clientId, leaseMs }: {
    store: Store
    clock: Pick<Clock, 'now'>
    clientId: string
    leaseMs: number
  }) {
    this.#store = store
    this.#clock = clock
    this.#clientId = clientId
    this.#keys = new GrantKeys(clientId)
    this.#keepForgottenMs = Math.max(keepForgottenMs, 2 * leaseMs)
  }

  /** @throws {StoreError | RecordError} */
  async read (ref: GrantRef): Promise<StoredGrant> {
    const key = this.#keys.of(ref)
    return this.#toStored(ref, key, await this.#store.get(key))
  }

  /** Replaces this version of the record by compare-and-set. @throws {StoreError | RecordError} */
  async replace (ref: GrantRef, stored: StoredGrant, next: GrantRecord): Promise<Written> {
    const key = this.#keys.of(ref)
    const result = await this.#store.cas(key, stored.version, this.#toEntry(next))
    return result.ok
      ? { ok: true, stored: { record: next, version: result.version, ageMs: 0 } }
      : { ok: false, stored: this.#toStored(ref, key, result.current) }
  }

  /**
   * The same for a write whose reply may be lost: returns the record that stands there after it, this one or another.
   *
   * @throws {StoreError | RecordError} nothing was written
   */
  async replaceOrRead (ref: GrantRef, stored: StoredGrant, next: GrantRecord): Promise<StoredGrant> {
    try {
      return (await this.replace(ref, stored, next)).stored
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const current = await this.read(ref)
      // A store that reads but does not write: a caller that tried again at once would try for ever.
      if (current.version === stored.version) throw error
      return current
    }
  }

  /**
   * Keys of the grants whose pair was issued before `instant`, a page at a time; tombstones are among them.
   *
   * @throws {ConfigError} the store has no `scan`
   * @throws {StoreError}
   */
  async issuedBefore (instant: number, page: {
    limit: number
    cursor?: string
  }): Promise<{ keys: string[], cursor?: string | undefined }> {
    return this.#scan({ ...page, expiresBefore: instant + keepRefreshableMs })
  }

  /** Keys of all grants, a page at a time; tombstones are among them. @throws {ConfigError | StoreError} as above */
  async page (page: { limit: number, cursor?: string }): Promise<{ keys: string[], cursor?: string | undefined }> {
    return this.#scan({ ...page, expiresBefore: null })
  }

  #scan (query: Omit<ScanQuery, 'prefix'>): Promise<{ keys: string[], cursor?: string | undefined }> {
    if (this.#store.scan === undefined) throw new ConfigError('This needs a store with the method scan.')
    return this.#store.scan({ ...query, prefix: grantKeyPrefix(this.#clientId) })
  }

  #toEntry (record: GrantRecord): Entry {
    const now = this.#clock.now()
    const expiresAt = record.status === 'disconnected'
      ? now + (record.isForgotten === true ? this.#keepForgottenMs : keepTombstoneMs)
      : expiryOf(record, now)
    return { body: serializeGrant(record), expiresAt }
  }

  #toStored ({ userId, teamId }: GrantRef, key: string, found: {
    body: string
    version: string
    ageMs: number
  } | null): StoredGrant {
    if (found === null) return { record: null, version: null, ageMs: 0 }
    const ids = { clientId: this.#clientId, userId, teamId }
    const record = this.#parsed.read(key, found, (body) => parseGrant(body, ids))
    return { record, version: found.version, ageMs: found.ageMs }
  }
}

function expiryOf (record: ActiveGrant | RejectedGrant, now: number): number | null {
  if (record.status === 'rejected') return now + keepRefreshableMs
  if (record.pair.expiresAt === null) return null
  // Counted from the pair, not from the write: a lease without a result must not lengthen a grant's life.
  return Math.max(record.pair.issuedAt + keepRefreshableMs, record.pair.expiresAt + dayMs)
}
