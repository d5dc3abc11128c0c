import type { ActiveGrant, GrantRecord, RejectedGrant } from '../grant/grant-record.js'
import { profileOf, toTombstone, idle } from '../grant/record-states.js'
import { isSamePair, hashRefreshToken, toTokenPair } from '../grant/token-pair.js'
import type { Verdict } from '../wire/classify.js'

/** The refresh request that was sent: which refresh token of which epoch it consumed, under which lease. */
export interface Consumed {
  epoch: string
  refreshTokenHash: string
  refreshToken: string
  leaseId: string
  /** Whether a 401 of the API forced it. */
  forced: boolean
  /** Whether somebody wanted a token. If not, it only kept an idle grant alive. */
  asked: boolean
  sentAt: number
}

/** What to do with a verdict, given the record as it stands now. */
export type Settlement =
  | { settle: 'write', next: GrantRecord }
  /** The record holds this pair already. */
  | { settle: 'stored' }
  /** Nothing may be written. `disconnected`: a pair that was received must not live on. */
  | { settle: 'drop', why: 'disconnected' | 'superseded' | 'gone' }

const minuteMs = 60_000
const unclearDelaysMs = [minuteMs, 10 * minuteMs]
const longestUnclearDelayMs = 60 * minuteMs
/** The secret, or the way to Miro, may go wrong twice while one grant is in doubt; hardly a third time. */
const workedToEnd = 2
const backOffMs = { first: 1000, longest: 60_000, longestAsked: 10 * minuteMs } as const

/** The commit rule: {@link settle}, or what a test has in its place. */
export type Settle = typeof settle

/**
 * Decides what the result of a refresh may do to a record.
 *
 * Whoever owns the lease by now does not matter to a success: a result that consumed refresh token *r* replaces a record that holds
 * *r* in the same epoch, and nothing else. A late answer may be the only live pair there is.
 *
 * @param at.isProved whether this process had proved the client secret good since the record was written that was leased
 */
export function settle (current: GrantRecord | null, consumed: Consumed, verdict: Verdict, at: { now: number, isProved: boolean }): Settlement {
  if (current === null) return { settle: 'drop', why: 'gone' }
  if (verdict.kind === 'ok') return settleSuccess(current, consumed, verdict)
  if (current.status !== 'active' || current.epoch !== consumed.epoch || hashRefreshToken(current.pair.refreshToken) !== consumed.refreshTokenHash) {
    return { settle: 'drop', why: 'superseded' }
  }
  if (verdict.kind === 'rejected') return { settle: 'write', next: toTombstone(current, 'refused') }
  if (current.lease?.id !== consumed.leaseId) return { settle: 'drop', why: 'superseded' }
  return { settle: 'write', next: settleFailure(current, consumed, verdict, at) }
}

function settleSuccess (current: GrantRecord, consumed: Consumed, { answer }: Extract<Verdict, { kind: 'ok' }>): Settlement {
  if (current.status === 'disconnected') return { settle: 'drop', why: 'disconnected' }
  if (current.epoch !== consumed.epoch) return { settle: 'drop', why: 'superseded' }
  const pair = toTokenPair(answer, consumed.sentAt, consumed.refreshToken)
  const isOurs = current.status === 'active' && current.lease?.id === consumed.leaseId
  if (current.status === 'active' && !isOurs && isSamePair(current.pair, pair)) return { settle: 'stored' }
  const refreshTokenHash = current.status === 'rejected' ? current.refreshTokenHash : hashRefreshToken(current.pair.refreshToken)
  if (refreshTokenHash !== consumed.refreshTokenHash) return { settle: 'drop', why: 'superseded' }
  // An answer that kept the refresh token keeps the hash too: then only the time tells which pair is newer.
  if (current.status === 'active' && !isOurs && answer.refreshToken === null && current.pair.issuedAt > consumed.sentAt) {
    return { settle: 'drop', why: 'superseded' }
  }
  return {
    settle: 'write',
    next: {
      ...profileOf(current),
      status: 'active',
      scopes: answer.scopes ?? current.scopes,
      pair,
      usedAt: consumed.asked ? consumed.sentAt : current.usedAt,
      ...idle,
      forcedAt: forcedAtOf(current, consumed)
    }
  }
}

/** A leased record after a verdict that cost it nothing, or that raised a doubt. */
function settleFailure (current: ActiveGrant, consumed: Consumed, verdict: Exclude<Verdict, { kind: 'ok' | 'rejected' }>, { now, isProved }: {
  now: number
  isProved: boolean
}): GrantRecord {
  if (verdict.kind === 'unclear') {
    const { count: earlier, workedBetween: earlierProofs } = current.unclear ?? { count: 0, workedBetween: 0 }
    const count = earlier + 1
    const workedBetween = earlierProofs + (earlier > 0 && isProved ? 1 : 0)
    // Refused again and again, while the secret proved good in between by the success of others: it is the token.
    if (workedBetween >= workedToEnd) return toTombstone(current, 'refused')
    const delayMs = unclearDelaysMs[count - 1] ?? longestUnclearDelayMs
    return { ...current, lease: null, forcedAt: forcedAtOf(current, consumed), unclear: { count, workedBetween, nextAt: now + delayMs } }
  }
  const ownMs = Math.min(backOffMs.first * 2 ** current.failures, backOffMs.longest)
  const askedMs = verdict.kind === 'throttled' ? Math.min(verdict.retryAfterMs ?? 0, backOffMs.longestAsked) : 0
  return {
    ...current,
    lease: null,
    failures: current.failures + 1,
    notBefore: now + Math.max(ownMs, askedMs),
    answerLost: current.answerLost || verdict.kind === 'ambiguous',
    // What did not reach Miro, or was only put off, has forced nothing.
    forcedAt: verdict.kind === 'not-sent' || verdict.kind === 'throttled' ? current.forcedAt : forcedAtOf(current, consumed)
  }
}

function forcedAtOf (current: ActiveGrant | RejectedGrant, { forced, sentAt }: Consumed): number | null {
  if (forced) return sentAt
  return current.status === 'active' ? current.forcedAt : null
}
