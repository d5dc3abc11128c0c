import type { ReauthorizeReason } from '../errors.js'
import type { ActiveGrant, GrantRecord, UnclearRefusals } from '../grant/grant-record.js'
import { isResting, reasonAfter } from '../grant/record-states.js'
import { refreshTokenLifeMs, tokenState, type TokenPair } from '../grant/token-pair.js'
import { isBackingOff, wasForcedLately } from './timing.js'

/** A pair to use, and the consent id of its grant: a caller that acts under another consent must not get the pair. */
export interface UsablePair {
  pair: TokenPair
  consentId: string
}

/** What a caller needs of a grant. */
export type TokenNeed =
  /** A token that is valid beyond the safety margin. */
  | { kind: 'valid' }
  /** A token that is not due for a refresh either. */
  | { kind: 'fresh' }
  /** Any valid token but this one, which Miro's API refused. */
  | { kind: 'other-than', accessToken: string }
  /** A pair that was issued after this instant, valid or not: it keeps an idle grant alive. */
  | { kind: 'issued-after', instant: number }

/** What a caller does next about a grant whose record reads like this. */
export type Decision =
  | { action: 'use', usable: UsablePair }
  /**
   * The pair is valid, but a refresh is due or running, and rotation kills the pair at once: wait up to `waitMs` for
   * the new pair, then use this one. `takeOver`: an expired lease must be taken over for it.
   */
  | { action: 'use-and-refresh-ahead', usable: UsablePair, waitMs: number, takeOver: boolean }
  | { action: 'refresh' }
  /**
   * Another process, or this one, has the lease, or had it until it expired. `isAnswerLost`: its refresh is in trouble.
   */
  | { action: 'wait', isLeaseExpired: boolean, isAnswerLost: boolean }
  | { action: 'fail', failure: RefreshFailure }

/** Why a record gives no token now. */
export type RefreshFailure =
  | { why: 'not-connected' }
  | { why: 'reauthorize', reason: ReauthorizeReason }
  /** Not before `retryAt`, after failures that cost nothing. */
  | { why: 'backing-off', retryAt: number }
  /** Not before `retryAt`: Miro refused unclearly, and the app itself may be to blame. */
  | { why: 'app-in-doubt', retryAt: number }
  /** A refresh was forced lately; another would not help. */
  | { why: 'forced-lately' }

/** When a record is decided about, and what this process may do. */
export interface DecisionContext {
  now: number
  /** How long ago the record was written, by the store's clock. */
  ageMs: number
  leaseMs: number
  aheadMs: number
  /**
   * Whether refreshes that no caller depends on may begin: not during a shutdown, nor while the app itself is refused.
   */
  mayRefreshAhead: boolean
  /** Names the client secret of this process. */
  secretId: string
  app: AppEvidence
}

/** What this process knows of the app's own standing with Miro; ages are those of a record's version. */
export interface AppEvidence {
  /** Several grants were refused unclearly, or the app by name, with no success since. */
  readonly isInDoubt: boolean
  secretWorkedSince: (recordAgeMs: number) => boolean
  /** The app was in doubt, and a success ended that. */
  recoveredSince: (recordAgeMs: number) => boolean
}

/** Decides what a caller with this need does next. Pure. */
export function decide (record: GrantRecord | null, need: TokenNeed, context: DecisionContext): Decision {
  if (record === null || record.status === 'disconnected') return fail({ why: 'not-connected' })
  if (record.status === 'rejected') return fail({ why: 'reauthorize', reason: record.reason })
  if (!isMet(need, record.pair, context.now)) return decideRefresh(record, need, context)
  return need.kind === 'valid' ? decideAhead(record, context) : { action: 'use', usable: toUsable(record) }
}

/** The need is not met by the stored pair. */
function decideRefresh (record: ActiveGrant, need: TokenNeed, context: DecisionContext): Decision {
  const { now, ageMs, leaseMs } = context
  const { pair, refresh: { lease, answerLost, retryAt, forcedAt, unclear } } = record
  if (pair.refreshToken === null) return fail({ why: 'reauthorize', reason: 'no_refresh_token' })
  if (lease !== null) return { action: 'wait', isLeaseExpired: ageMs > leaseMs, isAnswerLost: answerLost }
  if (unclear !== null && isRefusalInForce(unclear, context)) {
    return fail(isGrantToBlame(record, unclear, context)
      ? { why: 'reauthorize', reason: reasonAfter(answerLost, 'unclear') }
      : { why: 'app-in-doubt', retryAt: unclear.retryAt })
  }
  if (isBackingOff(retryAt, now)) return fail({ why: 'backing-off', retryAt })
  if (need.kind === 'other-than' && wasForcedLately(forcedAt, now)) return fail({ why: 'forced-lately' })
  return { action: 'refresh' }
}

/** A new client secret, or a success that ended the app's own trouble, lets the same refresh token go out at once. */
function isRefusalInForce (unclear: UnclearRefusals, { now, ageMs, secretId, app }: DecisionContext): boolean {
  return unclear.secretId === secretId && isResting(unclear, now) && !(unclear.appInDoubt && app.recoveredSince(ageMs))
}

/**
 * The grant is to blame if Miro's API refused its access token too, if its refresh token is past its life, once the
 * secret worked for others, or when it alone is refused again. Else the app may be.
 */
function isGrantToBlame (
  { pair }: ActiveGrant,
  { count, appInDoubt, forced }: UnclearRefusals,
  { now, ageMs, app }: DecisionContext
): boolean {
  if (forced || now - pair.issuedAt >= refreshTokenLifeMs) return true
  if (app.isInDoubt) return false
  return app.secretWorkedSince(ageMs) || (count > 1 && !appInDoubt)
}

/**
 * The stored pair is valid. A lease that is younger than `aheadMs` is worth waiting for, and so is a refresh that is
 * due.
 */
function decideAhead (record: ActiveGrant, context: DecisionContext): Decision {
  const usable = toUsable(record)
  const next = decideRefresh(record, { kind: 'fresh' }, context)
  const takeOver = next.action === 'wait' && next.isLeaseExpired
  const isRunning = next.action === 'wait' && !takeOver
  const isDue = next.action === 'refresh' && context.mayRefreshAhead && record.refresh.unclear === null &&
    tokenState(record.pair, context.now) === 'due'
  const waitMs = isRunning ? context.aheadMs - context.ageMs : context.aheadMs
  if (waitMs <= 0 || !(isRunning || takeOver || isDue)) return { action: 'use', usable }
  return { action: 'use-and-refresh-ahead', usable, waitMs, takeOver }
}

function isMet (need: TokenNeed, pair: TokenPair, now: number): boolean {
  const state = tokenState(pair, now)
  switch (need.kind) {
    case 'valid': return state !== 'expired'
    case 'fresh': return state === 'fresh'
    case 'issued-after': return pair.issuedAt > need.instant
    case 'other-than': return state !== 'expired' && pair.accessToken !== need.accessToken
  }
}

function toUsable ({ pair, consentId }: ActiveGrant): UsablePair {
  return { pair, consentId }
}

function fail (failure: RefreshFailure): Decision {
  return { action: 'fail', failure }
}
