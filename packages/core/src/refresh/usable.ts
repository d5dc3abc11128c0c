import type { Seen } from '../grant/grant-table.js'
import type { TokenPair } from '../grant/token-pair.js'

/** A pair to use, and the consent of the grant it belongs to: where that is not the caller's, it is not for the caller. */
export interface Usable {
  pair: TokenPair
  consent: string
}

/** What came of an attempt to refresh: a pair to serve, or a record that moved on and must be looked at again. */
export type Outcome = { usable: Usable } | { seen: Seen }
