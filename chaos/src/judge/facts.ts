import type { Life } from '../fleet/member.js'
import type { Pair, TokenRequest } from '../miro/request-log.js'

/** The pair that stands in the store, or did before its tombstone; `undefined`: nobody knows it. */
export type Stored =
  | { state: 'active', pair: Pair | undefined, claimed: boolean }
  | { state: 'rejected', pair: Pair | undefined }
  | { state: 'disconnected' }
  | { state: 'absent' }

/** All that the verdict about one person goes by. */
export interface Facts {
  userId: string
  /** What the person did last, as far as it was confirmed: signed in, which began this family of pairs, or disconnected. */
  expects: { state: 'connected', family: number } | { state: 'disconnected' }
  stored: Stored
  /** All pairs that the person was ever given, the oldest first. */
  pairs: readonly Pair[]
  /** Who did something about them. */
  requestOf: (ledgerRequest: number | null) => TokenRequest | undefined
  pairOf: (id: number | null) => Pair | undefined
  lifeOf: (process: string) => Life | undefined
  /** Epoch milliseconds of the machine. */
  now: number
  /** When the store was last started again; Infinity while it is away. */
  storeUpSince: number
  limits: JudgeLimits
}

export interface JudgeLimits {
  leaseMs: number
  /** A claim may be this much older than its request. */
  claimToRequestMs: number
  /** How long a process may stand still before its request can outlive its claim. */
  slackMs: number
  /** How long a process that runs may take to store what it received. */
  storingMs: number
}

/** The second that a timer may be late, and the one that it is given more then. */
const lateTimersMs = 2000

/** @param storingMs how long a process that runs may take to store what it received */
export function judgeLimits ({ leaseMs, requestMs }: { leaseMs: number, requestMs: number }, storingMs: number): JudgeLimits {
  const claimToRequestMs = Math.min(10_000, leaseMs / 12)
  return { leaseMs, claimToRequestMs, slackMs: Math.max(1000, leaseMs - claimToRequestMs - requestMs - lateTimersMs), storingMs }
}

/** Milliseconds that a process stood still between two instants. */
export function stoodStillMs ({ stops }: Life, from: number, to: number): number {
  return stops.reduce((total, stop) => total + Math.max(0, Math.min(stop.to ?? to, to) - Math.max(stop.from, from)), 0)
}

/** When the answer to a request left Miro, or would have; null before Miro acted. */
export function answeredAt ({ decidedAt, heldMs }: TokenRequest): number | null {
  return decidedAt === null ? null : decidedAt + heldMs
}
