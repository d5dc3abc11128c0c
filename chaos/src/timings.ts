import type { RefreshLimits } from '@miro-oauth/core'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Miro's hour is shrunk to this: core takes no access token to live for less. */
const accessTokenSeconds = 10

/** How long everything in a storm takes. */
export interface Timings {
  /** The lifetime of access tokens, in place of Miro's hour. */
  accessTokenSeconds: number
  limits: RefreshLimits
  /** The range of Miro's slow answers, in milliseconds. */
  slowAnswer: { least: number, most: number }
  /** The longest time between SIGSTOP and SIGCONT. */
  longestStopMs: number
  /** Each process's clock is off by at most this, either way: five minutes of a shrunk hour. */
  clockSkewMs: number
  /** By how much all processes' clocks are ahead of the store's. */
  fleetAheadMs: number
  /** By how much Miro's clock is behind the store's. */
  miroBehindMs: number
  /** A running process that takes longer to store a pair has lost it avoidably. */
  storingMs: number
  /** The average time between two faults of one kind, in milliseconds. */
  every: { kill: number, stop: number, terminate: number, restart: number, lock: number, cut: number }
  /** The longest time for which another connection locks a SQLite file: longer than the store waits. */
  longestLockMs: number
  /** How long a person stays connected on average. */
  averageStayMs: number
  /** The longest time from a disconnect to the next sign-in. */
  longestAbsenceMs: number
  /** Advances all clocks, Miro's too, so that tokens expire in a short test. Null for the real passing of time. */
  clockJump: { everyMs: number, byMs: number } | null
}

/** @param scale 1 for the real lease and limits; a smaller number shrinks every wait */
export function timingsFor (scale: number): Timings {
  return {
    accessTokenSeconds,
    limits: limitsFor(scale),
    slowAnswer: { least: 8000 * scale, most: 48_000 * scale },
    longestStopMs: 40_000 * scale,
    clockSkewMs: 5 * minuteMs * accessTokenSeconds * 1000 / hourMs,
    fleetAheadMs: 7 * minuteMs,
    miroBehindMs: 4 * minuteMs,
    storingMs: 5000,
    every: {
      kill: scale === 1 ? 1800 : 2400,
      stop: Math.max(2500, 10_000 * scale),
      terminate: Math.max(5000, 15_000 * scale),
      restart: Math.max(6000, 60_000 * scale),
      lock: Math.max(3000, 15_000 * scale),
      cut: 500
    },
    longestLockMs: 7000 * scale,
    averageStayMs: Math.max(60_000, 350_000 * scale),
    longestAbsenceMs: Math.max(1500, 20_000 * scale),
    clockJump: scale === 1 ? null : { everyMs: 2500, byMs: 9000 }
  }
}

function limitsFor (scale: number): RefreshLimits {
  const leaseMs = 120_000 * scale
  return {
    // Taking over an expired lease needs two reads 3 s apart: a caller that gives up sooner never sees the second.
    callerMs: Math.max(4000, 10_000 * scale),
    // Core demands that the lease outlast the request by a second and the time from the lease to the request.
    requestMs: Math.min(100_000 * scale, leaseMs - Math.min(10_000, leaseMs / 12) - 1100),
    leaseMs,
    aheadMs: Math.max(200, 2000 * scale)
  }
}
