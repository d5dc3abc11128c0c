import type { RefreshLimits } from '@miro-oauth/core'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** What Miro's hour is shrunk to: core takes no token to live for less. */
const accessTokenSeconds = 10

/** How long things take in a storm, in milliseconds where nothing else is said. */
export interface Timings {
  /** What Miro's hour is shrunk to. */
  accessTokenSeconds: number
  limits: RefreshLimits
  /** Between these, Miro's slow answers take. */
  slowAnswer: { least: number, most: number }
  /** The longest time that a process stands still. */
  longestStop: number
  /** A process's clock differs from the others' by at most this, either way: five minutes of a shrunk hour. */
  clocksApart: number
  /** All of the fleet's clocks are this much ahead of the store's, and Miro's is behind it. */
  fleetAhead: number
  miroBehind: number
  /** How long a live process may take to store what it got, before that counts as thrown away. */
  storing: number
  /** The average time between faults of one kind. */
  every: { kill: number, stop: number, term: number, restart: number, cut: number }
  /** How long somebody stays connected on average, before they disconnect. */
  stay: number
  /** In the short form nobody waits for ten seconds to pass: every so often they do at once, for everybody and for Miro. */
  leap: { every: number, by: number } | null
  /** How long somebody stays away after a disconnect, at most. */
  away: number
}

/** @param scale 1 for the real lease and limits; less shrinks all that is waited for */
export function timingsFor (scale: number): Timings {
  const leaseMs = 120_000 * scale
  return {
    accessTokenSeconds,
    limits: {
      // Taking over an expired lease needs two reads 3 s apart: a caller that gives up sooner never sees the second.
      callerMs: Math.max(4000, 10_000 * scale),
      // Core demands that the lease outlast the request by a second and the time from the lease to the request.
      requestMs: Math.min(100_000 * scale, leaseMs - Math.min(10_000, leaseMs / 12) - 1100),
      leaseMs,
      aheadMs: Math.max(200, 2000 * scale)
    },
    slowAnswer: { least: 8000 * scale, most: 48_000 * scale },
    longestStop: 40_000 * scale,
    clocksApart: 5 * minuteMs * accessTokenSeconds * 1000 / hourMs,
    fleetAhead: 7 * minuteMs,
    miroBehind: 4 * minuteMs,
    storing: 5000,
    every: {
      kill: scale === 1 ? 1800 : 2400,
      stop: Math.max(2500, 10_000 * scale),
      term: Math.max(5000, 15_000 * scale),
      restart: Math.max(6000, 60_000 * scale),
      cut: 500
    },
    stay: Math.max(60_000, 350_000 * scale),
    leap: scale === 1 ? null : { every: 2500, by: 9000 },
    away: Math.max(1500, 20_000 * scale)
  }
}
