/**
 * What became of the answer that gave a pair. `written`: all of it was written to the socket, which does not mean that
 * the client read it. `cut`: part of it was. `dropped`: nothing was. `garbled`: a whole answer was written, but without
 * the pair in readable form. `pending`: not known yet.
 */
export type Delivery = 'pending' | 'written' | 'cut' | 'dropped' | 'garbled'

/**
 * Why a pair is dead. `rotated`: its refresh token was spent on a new pair. `reused`: a spent refresh token of its
 * family was presented. `replaced`: the same user connected again. `revoked`: it or another pair of its user was
 * revoked. `expired`: its refresh token expired, or its only token was ended early.
 */
export type DeathCause = 'rotated' | 'reused' | 'replaced' | 'revoked' | 'expired'

/** Why and when a pair ended: its tokens are refused from then on. */
export interface Death {
  readonly cause: DeathCause
  /** Epoch milliseconds. */
  readonly at: number
  /** The id of the request that ended it, or null for an expiry. */
  readonly by: number | null
}

/** The ledger's record of a pair, without its tokens, so that it can be printed. It is updated in place. */
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
  /** Whether the access token was ended early; the refresh token stays valid. */
  readonly endedEarly: boolean
  /** What ended it, or null. An expiry is not recorded here, because it is no event: see `Ledger.deathOf`. */
  readonly death: Death | null
}

/**
 * Why a request was refused. `unknown`: no such token. `foreign`: another app's token. `interrupted`: the request ended
 * before its token was read, by a fault or a wrong secret.
 */
export type Refusal = 'unknown' | 'foreign' | 'interrupted' | DeathCause

/** One request about token pairs. */
export interface TokenRequestRecord {
  readonly id: number
  /** `expire` is not a request of an app, but an access token that a test ended early. */
  readonly kind: 'exchange' | 'refresh' | 'revoke' | 'expire'
  /** Epoch milliseconds. */
  readonly at: number
  /** The id of the pair whose token it presented, or null for an unknown token or none. */
  readonly presented: number | null
  /** The id of the pair that it was given, or null. */
  readonly gave: number | null
  /** Why it was refused, or null. */
  readonly refused: Refusal | null
  /** The ids of the pairs that it ended, with the one that it spent. */
  readonly ended: readonly number[]
}
