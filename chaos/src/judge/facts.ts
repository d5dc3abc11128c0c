import type { Life } from '../fleet/member.js'
import type { Pair, TokenRequest } from '../miro/request-log.js'

/** What the store holds, with the pair that its token belongs to; `undefined` for a token that Miro never gave. */
export type ResolvedGrant =
  | { state: 'active', pair: Pair | undefined }
  | { state: 'rejected', pair: Pair | undefined }
  | { state: 'disconnected' }
  | { state: 'absent' }

/** All that the verdict about one person goes by. */
export interface Facts {
  userId: string
  /** What the person did last, as far as it was confirmed: signed in, which began this family of pairs, or disconnected. */
  expects: { state: 'connected', family: number } | { state: 'disconnected' }
  stored: ResolvedGrant
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
  /** The longest time from taking the lease to sending its request. */
  leaseToRequestMs: number
  /** A process that is stopped for longer may send a request, or store its answer, after its lease has expired. */
  slackMs: number
  /** How long a process that runs may take to store what it received. */
  storingMs: number
}

/** The second that a timer may be late, and the one that it is given more then. */
const lateTimersMs = 2000

/** @param storingMs how long a process that runs may take to store what it received */
export function judgeLimits ({ leaseMs, requestMs }: { leaseMs: number, requestMs: number }, storingMs: number): JudgeLimits {
  const leaseToRequestMs = Math.min(10_000, leaseMs / 12)
  return { leaseMs, leaseToRequestMs, slackMs: Math.max(1000, leaseMs - leaseToRequestMs - requestMs - lateTimersMs), storingMs }
}

/** Milliseconds that a process stood still between two instants. */
export function stoodStillMs ({ stops }: Life, from: number, to: number): number {
  return stops.reduce((total, stop) => total + Math.max(0, Math.min(stop.to ?? to, to) - Math.max(stop.from, from)), 0)
}

/** When the answer to a request left Miro, or would have; null before Miro acted. */
export function answeredAt ({ decidedAt, heldMs }: TokenRequest): number | null {
  return decidedAt === null ? null : decidedAt + heldMs
}
