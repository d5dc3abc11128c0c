import type { Clock } from '../clock.js'
import { refName, type GrantRef } from '../grant/grant.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { hashRefreshToken, tokenState } from '../grant/token-pair.js'
import type { RefreshRequest } from './apply-result.js'
import type { UsablePair } from './decide.js'

/** A pair that Miro gave and the store has not taken yet. */
export interface UnsavedPair extends UsablePair {
  request: RefreshRequest
}

/** The pairs that this process serves from memory until the store takes them. */
export class UnsavedPairs {
  readonly #unsaved = new Map<string, UnsavedPair>()

  keep (ref: GrantRef, unsaved: UnsavedPair): void {
    this.#unsaved.set(refName(ref), unsaved)
  }

  /** Forgets a pair. Without `unsaved`, any pair of this grant: it was connected or disconnected here. */
  drop (ref: GrantRef, unsaved?: UnsavedPair): void {
    if (unsaved === undefined || this.#unsaved.get(refName(ref)) === unsaved) this.#unsaved.delete(refName(ref))
  }

  /** The pair of a grant whose record cannot be read now. */
  find (ref: GrantRef, now: number): UsablePair | null {
    const unsaved = this.#unsaved.get(refName(ref))
    return unsaved !== undefined && tokenState(unsaved.pair, now) !== 'expired' ? unsaved : null
  }

  /** The pair of a grant with this record, for as long as the record is the one that the pair will replace. */
  findFor (ref: GrantRef, { record }: StoredGrant, clock: Pick<Clock, 'now'>): UsablePair | null {
    const unsaved = this.#unsaved.size === 0 ? undefined : this.#unsaved.get(refName(ref))
    if (unsaved === undefined) return null
    const { epoch, refreshTokenHash } = unsaved.request
    if (record?.status === 'active' && record.epoch === epoch && hashRefreshToken(record.pair.refreshToken) === refreshTokenHash) {
      return this.find(ref, clock.now())
    }
    this.drop(ref)
    return null
  }
}
