import type { Death, Delivery, PairRecord, TokenRequestRecord } from './ledger-records.js'
import type { Subject } from './token-pair.js'

/**
 * What happened to every token pair: in which answer it was given and what became of that answer, and what ended it.
 * All of it is derived from the state that decides about tokens, so it cannot disagree with it.
 *
 * It remembers every live pair, at least the last 10,000 dead ones and at least the last 10,000 requests, and at most
 * about twice as many. A token that is forgotten is unknown: presenting it is refused and no longer counts as reuse.
 */
export interface Ledger {
  /** All pairs, the oldest first. */
  pairs: () => readonly PairRecord[]
  /** All requests, the oldest first. */
  requests: () => readonly TokenRequestRecord[]
  /** The pairs of a subject that can still be used or refreshed at `now`, the oldest first; `{}` is everybody. */
  live: (subject: Partial<Omit<Subject, 'scopes'>>, now: number) => readonly PairRecord[]
  /** What ended a pair, its own time included; null for a pair that is alive at `now`. */
  deathOf: (pair: { readonly id: number }, now: number) => Death | null
  /** The pair that an access token or a refresh token belongs to, dead or alive. */
  pairOf: (token: string) => PairRecord | undefined
  /** Every refresh that presented this token, the refused and the interrupted ones included. */
  requestsFor: (refreshToken: string) => readonly TokenRequestRecord[]
  /** Says what became of the answer that gave `pair`. The first word stands; a pair that is not known is ignored. */
  delivered: (pair: { readonly id: number }, delivery: Delivery) => void
}
