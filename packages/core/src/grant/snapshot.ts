import { ReauthorizeError, type ReauthorizeReason } from '../errors.js'
import type { Grant } from './grant.js'
import { isProvisional, toGrant } from './grant-record.js'
import type { StoredGrant } from './grant-table.js'
import { tokenState } from './token-pair.js'

/**
 * A grant as it was read from the store once. It holds the tokens too, and shows none: hand it to `client` to spare
 * that client its first read.
 */
export interface GrantSnapshot {
  /** The active grant; `null` if there is none. */
  readonly grant: Grant | null
  /** The grant that Miro ended, so that its person can be asked to connect it again. `null` if there is none. */
  readonly ended: Grant | null
  /** The consent id of an active grant, or of one that Miro ended; `null` after a disconnect. */
  readonly consentId: string | null
  /**
   * Set when the person must connect again: Miro refused the grant, or gave no refresh token and the access token is
   * over.
   */
  readonly reauthorize: ReauthorizeError | null
  /** Whether the access token is no longer usable, so that the next call will refresh it. */
  readonly isExpired: boolean
  /** Whether it was stored with the option `provisional`, and neither linked nor confirmed since. */
  readonly isProvisional: boolean
  /** When Miro gave the tokens, in epoch milliseconds; `null` where there is no active grant. */
  readonly tokensIssuedAt: number | null
}

/** The record stays private: it holds the tokens. */
export class Snapshot implements GrantSnapshot {
  readonly #stored: StoredGrant
  readonly #now: number
  readonly #reason: ReauthorizeReason | null

  /** @param at.reason why the person must connect again; `null`: there is no need to */
  constructor (stored: StoredGrant, { now, reason }: { now: number, reason: ReauthorizeReason | null }) {
    this.#stored = stored
    this.#now = now
    this.#reason = reason
  }

  /** The record that a snapshot holds; `undefined` for an object that is no snapshot. */
  static storedIn (snapshot: GrantSnapshot | undefined): StoredGrant | undefined {
    return snapshot instanceof Snapshot ? snapshot.#stored : undefined
  }

  get grant (): Grant | null {
    const { record } = this.#stored
    return record?.status === 'active' ? toGrant(record) : null
  }

  get ended (): Grant | null {
    const { record } = this.#stored
    return record?.status === 'rejected' ? toGrant(record) : null
  }

  get consentId (): string | null {
    const { record } = this.#stored
    return record === null || record.status === 'disconnected' ? null : record.consentId
  }

  get reauthorize (): ReauthorizeError | null {
    return this.#reason === null ? null : new ReauthorizeError(this.#reason)
  }

  get isExpired (): boolean {
    const { record } = this.#stored
    return record?.status === 'active' && tokenState(record.pair, this.#now) === 'expired'
  }

  get isProvisional (): boolean {
    return isProvisional(this.#stored.record)
  }

  get tokensIssuedAt (): number | null {
    const { record } = this.#stored
    return record?.status === 'active' ? record.pair.issuedAt : null
  }
}
