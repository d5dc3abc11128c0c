import type { RefreshLimits } from '@miro-oauth/core'

/** The times by which a verdict tells a loss that was avoidable from one that was not. */
export interface JudgeLimits {
  leaseMs: number
  /** The longest time from taking the lease to sending its request. */
  leaseToRequestMs: number
  /** A process that is stopped for longer may still have its request under way when its lease expires. */
  longestHarmlessStopMs: number
  /** How long a running process may take to store the pair that it received. */
  storingMs: number
}

type FleetLimits = Pick<RefreshLimits, 'leaseMs' | 'requestMs'>

/** A timer may be a second late, and is given one more second then. */
const lateTimersMs = 2000

/** Derives the judge's limits from those that the fleet runs with. */
export function judgeLimits ({ leaseMs, requestMs }: FleetLimits, storingMs: number): JudgeLimits {
  const leaseToRequestMs = Math.min(10_000, leaseMs / 12)
  const longestHarmlessStopMs = Math.max(1000, leaseMs - leaseToRequestMs - requestMs - lateTimersMs)
  return { leaseMs, leaseToRequestMs, longestHarmlessStopMs, storingMs }
}
