import type { GrantRef } from '../grant/grant.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { tokenState, hashRefreshToken } from '../grant/token-pair.js'
import type { Consumed } from './settlement.js'
import type { Usable } from './usable.js'

/** A pair that Miro gave and the store has not taken yet. */
export interface UnsavedPair extends Usable {
  consumed: Consumed
}

/** The pairs this process holds until the store takes them. */
export class UnsavedPairs {
  readonly #unsaved = new Map<string, UnsavedPair>()

  keep (ref: GrantRef, unsaved: UnsavedPair): void {
    this.#unsaved.set(nameOf(ref), unsaved)
  }

  /** Forgets a pair; without `unsaved`, whichever is held: the grant was connected or disconnected here. */
  drop (ref: GrantRef, unsaved?: UnsavedPair): void {
    if (unsaved === undefined || this.#unsaved.get(nameOf(ref)) === unsaved) this.#unsaved.delete(nameOf(ref))
  }

  /** The pair held for a grant whose record cannot be read now. */
  find (ref: GrantRef, now: number): Usable | null {
    const unsaved = this.#unsaved.get(nameOf(ref))
    return unsaved !== undefined && tokenState(unsaved.pair, now) !== 'expired' ? unsaved : null
  }

  /** The pair held for a grant with this record: only as long as the record is the one that the pair will replace. */
  findFor (ref: GrantRef, { record }: StoredGrant, now: number): Usable | null {
    const unsaved = this.#unsaved.size === 0 ? undefined : this.#unsaved.get(nameOf(ref))
    if (unsaved === undefined) return null
    const { epoch, refreshTokenHash } = unsaved.consumed
    if (record?.status === 'active' && record.epoch === epoch && hashRefreshToken(record.pair.refreshToken) === refreshTokenHash) {
      return this.find(ref, now)
    }
    this.drop(ref)
    return null
  }
}

/** A grant's name within this process. */
export function nameOf (ref: GrantRef): string {
  return JSON.stringify([ref.userId, ref.teamId])
}
