import type { ActiveGrant, GrantRecord, RejectedGrant } from '../grant/grant-record.js'
import { idle, profileOf, toTombstone, unclearDelayMs } from '../grant/record-states.js'
import { hashRefreshToken, isSamePair, toTokenPair } from '../grant/token-pair.js'
import type { Verdict } from '../wire/classify.js'
import { backOffDelayMs } from './timing.js'

/** A refresh request that was sent: which refresh token of which epoch it consumed, under which lease. */
export interface RefreshRequest {
  epoch: string
  refreshToken: string
  refreshTokenHash: string
  leaseId: string
  /** Whether a 401 of Miro's API forced it. */
  forced: boolean
  /** Whether a caller wants the token. If not, the request keeps an idle grant alive. */
  asked: boolean
  sentAt: number
}

/** What a result does to the record as it stands now. */
export type ResultAction =
  | { action: 'write', next: GrantRecord }
  /** The record holds this pair already. */
  | { action: 'already-stored' }
  /** Nothing may be written. `disconnected`, `gone`: a pair that was received must be revoked. */
  | { action: 'discard', why: DiscardReason }

/** When a result came, and what is known of the app itself. */
export interface ResultContext {
  now: number
  secretWorkedSince: boolean
  secretId: string
  appInDoubt: boolean
}

export type DiscardReason = 'disconnected' | 'superseded' | 'gone'

type Success = Extract<Verdict, { kind: 'ok' }>
type HarmlessFailure = Exclude<Verdict, { kind: 'ok' | 'rejected' | 'unclear' }>

/** The secret, or the way to Miro, may go wrong twice while one grant is refused unclearly; hardly a third time. */
const workedBetweenToEnd = 2

/** The rule about results: {@link applyResult}, or what a test has in its place. */
export type ApplyResult = typeof applyResult

/**
 * Decides what the result of a refresh may write. Pure.
 *
 * A success replaces the record that still holds the refresh token it consumed, in the same epoch, and no other record.
 * The owner of the lease does not matter: Miro rotates the pair before it answers, so a late answer may hold the only
 * live pair there is, and discarding it would look to Miro like the reuse of a spent token, which ends the whole
 * family.
 *
 * @param at.secretWorkedSince whether the client secret worked in this process since the leased record was written
 * @param at.secretId names the client secret that was sent
 * @param at.appInDoubt whether other grants are refused unclearly too
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2 refresh token rotation and reuse detection
 */
export function applyResult (
  current: GrantRecord | null,
  request: RefreshRequest,
  verdict: Verdict,
  at: ResultContext
): ResultAction {
  if (current === null) return { action: 'discard', why: 'gone' }
  if (verdict.kind === 'ok') return applySuccess(current, request, verdict)
  if (current.status !== 'active' || !isConsumedBy(request, current)) return { action: 'discard', why: 'superseded' }
  // RFC 6749 section 5.2: invalid_grant is the one refusal that names the refresh token itself.
  if (verdict.kind === 'rejected') return { action: 'write', next: toTombstone(current, 'refused') }
  if (current.refresh.lease?.id !== request.leaseId) return { action: 'discard', why: 'superseded' }
  const next = verdict.kind === 'unclear' ? afterUnclearRefusal(current, request, at) : afterFailure(current, request, verdict, at.now)
  return { action: 'write', next }
}

function applySuccess (current: GrantRecord, request: RefreshRequest, { answer }: Success): ResultAction {
  if (current.status === 'disconnected') return { action: 'discard', why: 'disconnected' }
  if (current.epoch !== request.epoch) return { action: 'discard', why: 'superseded' }
  const pair = toTokenPair(answer, request.sentAt, request.refreshToken)
  const isOurs = current.status === 'active' && current.refresh.lease?.id === request.leaseId
  if (current.status === 'active' && !isOurs && isSamePair(current.pair, pair)) return { action: 'already-stored' }
  if (!isConsumedBy(request, current)) return { action: 'discard', why: 'superseded' }
  // An answer that keeps the refresh token keeps its hash too: then only the time tells which pair is newer.
  if (current.status === 'active' && !isOurs && answer.refreshToken === null && current.pair.issuedAt > request.sentAt) {
    return { action: 'discard', why: 'superseded' }
  }
  return {
    action: 'write',
    next: {
      ...profileOf(current),
      status: 'active',
      scopes: answer.scopes ?? current.scopes,
      pair,
      usedAt: request.asked ? request.sentAt : current.usedAt,
      refresh: { ...idle, forcedAt: forcedAtOf(current, request) }
    }
  }
}

/** Whether the record still holds the refresh token that the request consumed, or is the tombstone of that token. */
function isConsumedBy ({ epoch, refreshTokenHash }: RefreshRequest, current: ActiveGrant | RejectedGrant): boolean {
  const hash = current.status === 'rejected' ? current.refreshTokenHash : hashRefreshToken(current.pair.refreshToken)
  return current.epoch === epoch && hash === refreshTokenHash
}

/**
 * Rests the grant. It ends only when it is refused again and again while the secret works for others: then it is the
 * token.
 */
function afterUnclearRefusal (
  current: ActiveGrant,
  request: RefreshRequest,
  { now, secretWorkedSince, secretId, appInDoubt }: ResultContext
): GrantRecord {
  const stored = current.refresh.unclear
  // Refusals under another secret say nothing about this one.
  const earlier = stored?.secretId === secretId ? stored : { count: 0, workedBetween: 0, forced: false }
  // What may be the app's fault is not counted against the grant, and the circuit breaker paces it.
  const count = appInDoubt ? Math.max(earlier.count, 1) : earlier.count + 1
  const workedBetween = earlier.workedBetween + (earlier.count > 0 && secretWorkedSince ? 1 : 0)
  if (workedBetween >= workedBetweenToEnd) return toTombstone(current, 'refused')
  const retryAt = now + unclearDelayMs(appInDoubt ? 1 : count)
  const forced = earlier.forced || request.forced
  const unclear = { count, workedBetween, retryAt, secretId, appInDoubt, forced }
  return { ...current, refresh: { ...current.refresh, lease: null, forcedAt: forcedAtOf(current, request), unclear } }
}

/**
 * Backs off, unless the app is to blame: the circuit breaker paces that. A request that did not reach Miro, or was only
 * put off, has forced nothing.
 */
function afterFailure (
  current: ActiveGrant,
  request: RefreshRequest,
  verdict: HarmlessFailure,
  now: number
): GrantRecord {
  if (verdict.kind === 'config') return { ...current, refresh: { ...current.refresh, lease: null, forcedAt: forcedAtOf(current, request) } }
  const failures = current.refresh.failures + 1
  const askedMs = verdict.kind === 'throttled' ? verdict.retryAfterMs ?? 0 : 0
  const wasNotActedOn = verdict.kind === 'not-sent' || verdict.kind === 'throttled'
  return {
    ...current,
    refresh: {
      ...current.refresh,
      lease: null,
      failures,
      retryAt: now + backOffDelayMs(failures, askedMs),
      answerLost: current.refresh.answerLost || verdict.kind === 'ambiguous',
      forcedAt: wasNotActedOn ? current.refresh.forcedAt : forcedAtOf(current, request)
    }
  }
}

function forcedAtOf (current: ActiveGrant | RejectedGrant, { forced, sentAt }: RefreshRequest): number | null {
  if (forced) return sentAt
  return current.status === 'active' ? current.refresh.forcedAt : null
}
