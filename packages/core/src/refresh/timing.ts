import { isStillAhead } from '../clock.js'
import { hashRefreshToken } from '../grant/token-pair.js'

/** How long things may take, in milliseconds. */
export interface RefreshLimits {
  /** How long a caller waits for a token. Default 10 s. */
  callerMs: number
  /**
   * How long a request to Miro may take, answer included; with the write of the lease shorter than `leaseMs`. Default
   * 100 s.
   */
  requestMs: number
  /** How old a lease must be before another process takes it over. Default 120 s. */
  leaseMs: number
  /** How long a caller whose token is still valid waits for a refresh that is under way. Default 2 s. */
  aheadMs: number
}

export const defaultLimits: RefreshLimits = { callerMs: 10_000, requestMs: 100_000, leaseMs: 120_000, aheadMs: 2000 }

/** How long the write of a lease, and every other call of the store, may take: ten seconds, less for a short lease. */
export function leaseToRequestMs ({ leaseMs }: Pick<RefreshLimits, 'leaseMs'>): number {
  return Math.min(10_000, leaseMs / 12)
}

/** Between the two reads that find a lease expired: one reading of an age may be wrong, two this far apart are not. */
export const confirmExpiryMs = 3000

const pollMs = { least: 50, longest: 2000 } as const

/**
 * The next pause of a process that has paused for so long while another one has the lease: until a refresh is usually
 * over, then a third of the pauses so far. So its callers wait little longer than the refresh takes, for few reads.
 */
export function pollDelayMs (pausedMs: number, usualMs: number): number {
  const pauseMs = pausedMs === 0 ? 1.1 * usualMs : pausedMs / 3
  return Math.min(Math.max(pollMs.least, pauseMs), pollMs.longest)
}

/**
 * Pauses before the same request goes out again after a lost answer. Together with the requests less than a lease each.
 */
export const resendAfterMs: readonly number[] = [1000, 2000, 5000, 10_000, 30_000]

/** Pauses before a request goes out again that surely never left: within the patience of its callers. */
export const unsentAgainMs: readonly number[] = [250, 1000]

/** A request that Miro put off goes out again if the wait is this short. */
export const longestThrottleWaitMs = 5000

/** How long callers wait for a refresh whose answer was lost. It goes on without them. */
export const troubleWaitMs = 2000

/** Between two tries to store a result while the store is down. */
export const storeAgainMs = 1000

/** How long callers wait for a result to be stored. After that an unsaved pair is served from memory. */
export const storeWaitMs = 2000

const minuteMs = 60_000
const backOffMs = { first: 1000, longest: minuteMs, longestAsked: 10 * minuteMs } as const

/**
 * How long a grant rests after its nth failure in a row that cost it nothing: 1, 2, 4 … 60 s, or what Miro asks for up
 * to 10 min.
 */
export function backOffDelayMs (failures: number, askedMs: number): number {
  const ownMs = Math.min(backOffMs.first * 2 ** (failures - 1), backOffMs.longest)
  return Math.max(ownMs, Math.min(askedMs, backOffMs.longestAsked))
}

/** Whether a back-off is still running. */
export function isBackingOff (retryAt: number | null, now: number): retryAt is number {
  return retryAt !== null && isStillAhead(retryAt, { now, longestMs: backOffMs.longestAsked })
}

const forcedEveryMs = minuteMs

/**
 * Whether a 401 forced a refresh within the last minute, so that another would not help. Clocks may differ either way.
 */
export function wasForcedLately (forcedAt: number | null, now: number): boolean {
  return forcedAt !== null && Math.abs(now - forcedAt) < forcedEveryMs
}

const spreadPart = 1 / 9

/** How long a refresh token may lie idle at least, whichever it is. */
export function shortestIdleMs (idleForMs: number): number {
  return idleForMs * (1 - spreadPart)
}

/**
 * How long this refresh token may lie idle: the same in every process, and different for each token, so that grants
 * that were connected together are refreshed on different days.
 */
export function ownIdleMs (refreshToken: string, idleForMs: number): number {
  const place = Buffer.from(hashRefreshToken(refreshToken), 'base64url').readUInt32BE() / 2 ** 32
  return idleForMs * (1 + spreadPart * (2 * place - 1))
}
