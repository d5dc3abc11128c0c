import type { Optional } from '../optional.js'
import type { Death, Delivery, PairRecord, TokenRequestRecord } from './ledger-records.js'
import type { Subject } from './token-pair.js'

/**
 * What happened to every token pair: which request it was given to, what became of the answer, and what ended it. It is
 * the same state by which the model judges tokens, so the two cannot disagree.
 *
 * It remembers every live pair, at least the last 10,000 dead ones and at least the last 10,000 requests, and at most
 * about twice as many. A forgotten token is unknown: it is refused, but presenting it no longer counts as reuse.
 */
export interface Ledger {
  /** All pairs, the oldest first. */
  pairs: () => readonly PairRecord[]
  /** All requests, the oldest first. */
  requests: () => readonly TokenRequestRecord[]
  /** The pairs of a subject that can be used or refreshed at `now`, the oldest first; `{}` selects all subjects. */
  live: (subject: Optional<Omit<Subject, 'scopes'>>, now: number) => readonly PairRecord[]
  /** What ended a pair, its expiry included; null for a pair that is alive at `now`. */
  deathOf: (pair: { readonly id: number }, now: number) => Death | null
  /** The pair that an access token or a refresh token belongs to, dead or alive. */
  pairOf: (token: string) => PairRecord | undefined
  /** Every refresh that presented this token, with the refused and the interrupted ones. */
  requestsFor: (refreshToken: string) => readonly TokenRequestRecord[]
  /** Records what became of the answer that gave `pair`. Only the first call for a pair counts. */
  delivered: (pair: { readonly id: number }, delivery: Delivery) => void
}
