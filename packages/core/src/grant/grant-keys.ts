import { BoundedMap } from '../bounded-map.js'
import { grantKey, type GrantRef } from './grant.js'

/** A larger one would mostly hold keys of people who do not come back. */
const limit = 1000

/**
 * The keys of grants in the store. The last one of each user is remembered: making a key, and hashing it anew at a
 * look-up in memory, takes longer than the look-up.
 */
export class GrantKeys {
  readonly #clientId: string
  readonly #known = new BoundedMap<{ teamId: string, key: string }>(limit)

  constructor (clientId: string) {
    this.#clientId = clientId
  }

  of (ref: GrantRef): string {
    const { userId, teamId } = ref
    const known = this.#known.get(userId)
    if (known?.teamId === teamId) return known.key
    const key = grantKey(this.#clientId, ref)
    this.#known.set(userId, { teamId, key })
    return key
  }
}
