import type { MiroError } from '../errors.js'
import type { StoredGrant } from '../grant/grant-table.js'
import type { TokenPair } from '../grant/token-pair.js'

/** A pair to use, and the consent of the grant it belongs to: where that is not the caller's, it is not for the caller. */
export interface Usable {
  pair: TokenPair
  consentId: string
}

/** A failure that costs the grant nothing. */
export interface Failed {
  /** For whoever asked. */
  error: MiroError
  /** Whether any other grant would fare no better now. */
  isEverybodys: boolean
}

/** What came of an attempt to refresh: a pair to serve, a record that moved on and must be looked at again, or a failure. */
export type Outcome = { usable: Usable } | { stored: StoredGrant } | { failed: Failed }
