import type { ReauthorizeReason } from '../errors.js'
import type { GrantRecord } from '../grant/grant-record.js'
import { isUnclear, reasonOf } from '../grant/record-states.js'
import { tokenState, type TokenPair } from '../grant/token-pair.js'

/** What a caller wants of a grant. */
export type TokenNeed =
  /** A pair that is not due yet. */
  | { kind: 'fresh' }
  /** Any other token than this one, which the API refused. */
  | { kind: 'other-than', accessToken: string }
  /** A pair that was issued after this instant, usable or not: nobody asks for a token, the grant only must not end. */
  | { kind: 'issued-after', instant: number }

/** What to do about a grant, seen like this. */
export type NextStep =
  | { step: 'serve', pair: TokenPair, consentId: string }
  | { step: 'lease' }
  /** Somebody else holds a lease. `dead`: for longer than the lease. */
  | { step: 'wait', dead: boolean }
  | { step: 'not-connected' }
  | { step: 'reauthorize', reason: ReauthorizeReason }
  /** Not before `retryAt`, after failures that cost nothing. */
  | { step: 'back-off', retryAt: number }
  /** A refresh was forced lately; another would not help. */
  | { step: 'forced-lately' }

const forcedEveryMs = 60_000
/** No back-off of ours is longer; a longer one was written by a clock that runs ahead. */
const longestBackOffMs = 15 * 60_000

/** Decides what a caller with this wish does next. Pure: the record, how old its version is, the time. */
export function nextStep (record: GrantRecord | null, need: TokenNeed, { now, ageMs, leaseMs }: {
  now: number
  ageMs: number
  leaseMs: number
}): NextStep {
  if (record === null || record.status === 'disconnected') return { step: 'not-connected' }
  if (record.status === 'rejected') return { step: 'reauthorize', reason: record.reason }
  if (isMet(need, record.pair, now)) return { step: 'serve', pair: record.pair, consentId: record.consentId }
  if (record.pair.refreshToken === null) return { step: 'reauthorize', reason: 'no_refresh_token' }
  if (record.lease !== null) return { step: 'wait', dead: ageMs > leaseMs }
  if (isUnclear(record, now)) return { step: 'reauthorize', reason: reasonOf(record.answerLost, 'unclear') }
  if (record.notBefore !== null && now < record.notBefore && record.notBefore - now <= longestBackOffMs) {
    return { step: 'back-off', retryAt: record.notBefore }
  }
  if (need.kind === 'other-than' && record.forcedAt !== null && Math.abs(now - record.forcedAt) < forcedEveryMs) {
    return { step: 'forced-lately' }
  }
  return { step: 'lease' }
}

function isMet (need: TokenNeed, pair: TokenPair, now: number): boolean {
  const life = tokenState(pair, now)
  switch (need.kind) {
    case 'fresh': return life === 'fresh'
    case 'issued-after': return pair.issuedAt > need.instant
    case 'other-than': return life !== 'expired' && pair.accessToken !== need.accessToken
  }
}
