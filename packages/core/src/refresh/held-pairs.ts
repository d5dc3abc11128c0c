import type { GrantRef } from '../grant/grant.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { tokenState, hashRefreshToken } from '../grant/token-pair.js'
import type { Consumed } from './settlement.js'
import type { Usable } from './usable.js'

/** A pair that Miro gave and the store has not taken yet. */
export interface Held extends Usable {
  consumed: Consumed
}

/** The pairs this process holds until the store takes them. */
export class HeldPairs {
  readonly #held = new Map<string, Held>()

  keep (ref: GrantRef, held: Held): void {
    this.#held.set(nameOf(ref), held)
  }

  /** Forgets a pair; without `held`, whichever is held: the grant was connected or disconnected here. */
  drop (ref: GrantRef, held?: Held): void {
    if (held === undefined || this.#held.get(nameOf(ref)) === held) this.#held.delete(nameOf(ref))
  }

  /** The pair held for a grant whose record cannot be read now. */
  find (ref: GrantRef, now: number): Usable | null {
    const held = this.#held.get(nameOf(ref))
    return held !== undefined && tokenState(held.pair, now) !== 'expired' ? held : null
  }

  /** The pair held for a grant with this record: only as long as the record is the one that the pair will replace. */
  findFor (ref: GrantRef, { record }: StoredGrant, now: number): Usable | null {
    const held = this.#held.size === 0 ? undefined : this.#held.get(nameOf(ref))
    if (held === undefined) return null
    const { epoch, refreshTokenHash } = held.consumed
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
