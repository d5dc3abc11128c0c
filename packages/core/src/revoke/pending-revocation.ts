import { randomUUID } from 'node:crypto'
import { startStopwatch, type Clock } from '../clock.js'
import { StoreError } from '../errors.js'
import { refreshTokenLifeMs, type TokenPair } from '../grant/token-pair.js'
import { storeKey } from '../store/keys.js'
import type { Entry, Store } from '../store/store.js'
import type { Revocation, RevocationSeal } from './revocation-seal.js'

/** Where pending revocations are kept. */
export interface RevocationStore {
  store: Store
  clock: Clock
  clientId: string
  seal: Pick<RevocationSeal, 'seal' | 'open'>
  /** A record that was written less than so many milliseconds ago outlasts a request to Miro. */
  freshMs: number
}

/** The beginning of the keys of all of an app's pending revocations. */
export function revocationKeyPrefix (clientId: string): string {
  return `${storeKey('revocation', clientId)}:`
}

/**
 * A revocation with its record, as one process works on it. The record's key is random, and tells nothing of the grant.
 *
 * The age of the record's version is the lock: a process renews it before each request to Miro, and leaves a record
 * alone that is younger than a lease. Two requests with one refresh token would lose the pair that the first one got.
 */
export class PendingRevocation {
  readonly #at: RevocationStore
  readonly #key: string
  #revocation: Revocation
  #version: string | null
  #expiresAt: number
  #sinceWrittenMs = (): number => Infinity

  private constructor (at: RevocationStore, key: string, { revocation, version, expiresAt }: {
    revocation: Revocation
    version: string | null
    expiresAt: number
  }) {
    this.#at = at
    this.#key = key
    this.#revocation = revocation
    this.#version = version
    this.#expiresAt = expiresAt
  }

  /** A new one, not stored yet. */
  static begin (at: RevocationStore, revocation: Revocation): PendingRevocation {
    const key = storeKey('revocation', at.clientId, randomUUID())
    const expiresAt = endOf(revocation.pair, at.clock.now())
    return new PendingRevocation(at, key, { revocation, version: null, expiresAt })
  }

  /** Reads one that was put off, and how long ago it was written. @throws {StoreError | RecordError} */
  static async read (at: RevocationStore, key: string): Promise<{ pending: PendingRevocation, ageMs: number } | null> {
    const found = await at.store.get(key)
    if (found === null) return null
    const revocation = await at.seal.open(key, found.body)
    const expiresAt = found.expiresAt ?? endOf(revocation.pair, at.clock.now())
    const pending = new PendingRevocation(at, key, { revocation, version: found.version, expiresAt })
    return { pending, ageMs: found.ageMs }
  }

  get revocation (): Revocation {
    return this.#revocation
  }

  /** Whether the record stands in the store, as far as this process knows. */
  get isStored (): boolean {
    return this.#version !== null
  }

  /** Starts the record's age anew, unless it was just written. `false`: another process has it, or the store fails. */
  async renew (): Promise<boolean> {
    // Of a record that is not stored no other process can know.
    if (this.#version === null || this.#sinceWrittenMs() < this.#at.freshMs) return true
    const result = await this.#write(this.#version).catch(orStoreError)
    if (result?.ok !== true) return false
    this.#version = result.version
    return true
  }

  /** Stores the pair, whatever stands there: one that a refresh gave replaces the one that was spent for it. */
  async keep (pair = this.#revocation.pair): Promise<void> {
    if (pair !== this.#revocation.pair) this.#expiresAt = endOf(pair, this.#at.clock.now())
    this.#revocation = { ...this.#revocation, pair }
    if (this.#expiresAt <= this.#at.clock.now()) return
    for (let expected = this.#version; ;) {
      const result = await this.#write(expected).catch(orStoreError)
      if (result === null) return
      if (result.ok) {
        this.#version = result.version
        return
      }
      expected = result.current?.version ?? null
    }
  }

  /** There is nothing left to revoke. A record that cannot be removed now is found to be done by a later run. */
  async remove (): Promise<void> {
    if (this.#version !== null) await this.#at.store.cas(this.#key, this.#version, null).catch(orStoreError)
  }

  async #write (expected: string | null): ReturnType<Store['cas']> {
    const entry: Entry = { body: await this.#at.seal.seal(this.#key, this.#revocation), expiresAt: this.#expiresAt }
    const elapsedMs = startStopwatch(this.#at.clock)
    const result = await this.#at.store.cas(this.#key, expected, entry)
    if (result.ok) this.#sinceWrittenMs = elapsedMs
    return result
  }
}

/** When the last token of a pair is over, or, for an app whose tokens do not expire, the tries to revoke it. */
function endOf ({ refreshToken, issuedAt, expiresAt }: TokenPair, now: number): number {
  return refreshToken === null ? expiresAt ?? now + refreshTokenLifeMs : issuedAt + refreshTokenLifeMs
}

function orStoreError (error: unknown): null {
  if (error instanceof StoreError) return null
  throw error
}
