/**
 * What became of the answer that gave a pair. `written`: all of it went to the socket, which does not say that anybody
 * read it. `cut`: part of it did. `dropped`: nothing did. `garbled`: an answer went out in full, but the pair cannot be
 * read out of it. `pending`: not known yet.
 */
export type Delivery = 'pending' | 'written' | 'cut' | 'dropped' | 'garbled'

/**
 * Why a pair is dead. `rotated`: its refresh token was spent on a new pair. `reused`: a spent refresh token of its
 * family was presented. `replaced`: the same user connected again. `revoked`: by a revocation of it or of another pair
 * of its user. `expired`: its time ran out.
 */
export type DeathCause = 'rotated' | 'reused' | 'replaced' | 'revoked' | 'expired'

export interface Death {
  readonly cause: DeathCause
  /** Epoch milliseconds. */
  readonly at: number
  /** The id of the request that ended it, or null where time did. */
  readonly by: number | null
}

/** A pair as the ledger knows it; without its tokens, so that it can be printed. It changes as the pair does. */
export interface PairRecord {
  readonly id: number
  /** The id of the first pair that came from the same exchange. */
  readonly family: number
  readonly clientId: string
  readonly userId: string
  readonly teamId: string
  readonly scopes: readonly string[]
  /** The id of the pair that was spent on this one, or null for a pair that came from an exchange. */
  readonly refreshOf: number | null
  /** The id of the request whose answer gave it. */
  readonly givenBy: number
  /** Epoch milliseconds. */
  readonly givenAt: number
  readonly delivery: Delivery
  /** Whether the access token was ended before its time; the refresh token lives on. */
  readonly endedEarly: boolean
  /** What ended it, or null. That time ran out is no event and never stands here: see `Ledger.deathOf`. */
  readonly death: Death | null
}

/**
 * Why a request got nothing. `unknown`: no such token. `foreign`: another app's. `interrupted`: it ended
 * before the token was looked at, by a fault or a wrong secret.
 */
export type Refusal = 'unknown' | 'foreign' | 'interrupted' | DeathCause

/** One request that had to do with token pairs. */
export interface TokenRequestRecord {
  readonly id: number
  /** `expire` is no request of an app but a token that was made to die early. */
  readonly kind: 'exchange' | 'refresh' | 'revoke' | 'expire'
  /** Epoch milliseconds. */
  readonly at: number
  /** The id of the pair whose token it presented, or null if it presented none that is known. */
  readonly presented: number | null
  /** The id of the pair that it was given, or null. */
  readonly gave: number | null
  /** Why it was refused, or null. */
  readonly refused: Refusal | null
  /** The ids of the pairs that it ended, the spent one included. */
  readonly ended: readonly number[]
}
