import { StoreError } from '../errors.js'
import type { GrantRef } from '../grant/grant.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { hashRefreshToken } from '../grant/token-pair.js'
import { classify, failureOf, type Verdict } from '../wire/classify.js'
import type { RefreshRequest } from './apply-result.js'
import type { EndpointFailure } from './client-health.js'
import { storeFailure, storePair, type AttemptOutcome } from './finish-attempt.js'
import type { LeasedGrant, Leases } from './lease.js'
import type { RefreshContext } from './refresh-context.js'
import { longestThrottleWaitMs, resendAfterMs, unsentAgainMs } from './timing.js'

/** Why a refresh token is sent. */
export interface RefreshReason {
  /** A 401 of Miro's API forced it. */
  forced: boolean
  /** A caller wants the token. */
  asked: boolean
}

type Failure = Exclude<Verdict, { kind: 'ok' }>

/** What an attempt works on. */
interface AttemptParts {
  leases: Leases
  ref: GrantRef
  leased: LeasedGrant
  reason: RefreshReason
  /** Called when an answer was lost and the request is about to go out again. */
  onTrouble: (failure: EndpointFailure) => void
}

/**
 * Sends the refresh token of a leased grant, and stores what comes of it.
 *
 * While Miro's answer stays lost, the same request goes out again, under a renewed lease: if Miro never acted on the
 * lost one, nothing is lost but time. So does a request that surely was not sent, or that Miro put off for a moment.
 */
export async function attemptRefresh (
  context: RefreshContext,
  { leases, ref, leased: first, reason, onTrouble }: AttemptParts
): Promise<AttemptOutcome> {
  const { endpoint, health, clock, shutdown } = context
  const secretWorkedSince = health.secretWorkedSince(first.recordAgeMs)
  let leased = first
  for (let attempt = 0; ; attempt++) {
    const request = toRequest(leased, { ...reason, sentAt: clock.now() })
    const verdict = classify(await endpoint.refresh(request.refreshToken), clock.now())
    // Nothing runs between Miro's answer and its storage: no validation, no hook, no log.
    if (verdict.kind === 'ok') return storePair(context, ref, leased, { request, verdict, stored: leased.stored, secretWorkedSince })
    const pauseMs = pauseBeforeRetryMs(verdict, attempt, reason)
    if (pauseMs === null || shutdown.closing.aborted) {
      return storeFailure(context, ref, { request, verdict, stored: leased.stored, secretWorkedSince })
    }
    reportTry(context, ref, verdict, { isFirst: attempt === 0, onTrouble })
    const renewal = await renewAround(context, leases, { ref, leased, pauseMs, answerLost: verdict.kind === 'ambiguous' })
    if (renewal.kind === 'lost') return { kind: 'changed', stored: renewal.stored }
    leased = renewal.leased
    if (renewal.kind === 'failed' || shutdown.closing.aborted) {
      const underLease = { ...request, leaseId: leased.record.refresh.lease.id }
      return storeFailure(context, ref, { request: underLease, verdict, stored: leased.stored, secretWorkedSince })
    }
  }
}

/**
 * How long to wait before the same request goes out again; `null`: it does not. Only for a caller is Miro asked again
 * at once.
 */
function pauseBeforeRetryMs (verdict: Failure, attempt: number, { asked }: RefreshReason): number | null {
  if (verdict.kind === 'ambiguous') return resendAfterMs[attempt] ?? null
  if (!asked || attempt >= unsentAgainMs.length) return null
  if (verdict.kind === 'not-sent') return unsentAgainMs[attempt] ?? null
  if (verdict.kind !== 'throttled' || verdict.retryAfterMs === null) return null
  return verdict.retryAfterMs <= longestThrottleWaitMs ? verdict.retryAfterMs : null
}

/** The first failed try is told at once: the last one comes most of a minute later. */
function reportTry ({ events, health }: RefreshContext, ref: GrantRef, verdict: Failure, { isFirst, onTrouble }: {
  isFirst: boolean
  onTrouble: (failure: EndpointFailure) => void
}): void {
  if (!isFirst || (verdict.kind !== 'ambiguous' && verdict.kind !== 'not-sent' && verdict.kind !== 'throttled')) return
  const failure = failureOf(verdict)
  health.unanswered(failure)
  events.emitFor(ref, { type: 'refresh_failed', verdict: verdict.kind, ...failure, willRetry: true })
  if (verdict.kind === 'ambiguous') onTrouble(failure)
}

function toRequest ({ record }: LeasedGrant, { forced, asked, sentAt }: RefreshReason & {
  sentAt: number
}): RefreshRequest {
  const { epoch, pair: { refreshToken }, refresh: { lease } } = record
  return {
    epoch,
    refreshToken,
    refreshTokenHash: hashRefreshToken(refreshToken),
    leaseId: lease.id,
    forced,
    asked,
    sentAt
  }
}

type Renewal =
  | { kind: 'renewed', leased: LeasedGrant }
  /** The store did not take the renewal. `leased`: the last lease that stood. */
  | { kind: 'failed', leased: LeasedGrant }
  | { kind: 'lost', stored: StoredGrant }

/** Notes a lost answer at once, and starts the lease anew when the pause is over. */
async function renewAround ({ clock, shutdown }: RefreshContext, leases: Leases, { ref, leased, pauseMs, answerLost }: {
  ref: GrantRef
  leased: LeasedGrant
  pauseMs: number
  answerLost: boolean
}): Promise<Renewal> {
  let current = leased
  try {
    if (answerLost) {
      const noted = await leases.renew(ref, leased, { answerLost })
      if (!noted.ok) return { kind: 'lost', stored: noted.stored }
      current = noted.leased
    }
    await clock.wait(pauseMs, shutdown.closing)
    const renewed = await leases.renew(ref, current, { answerLost })
    return renewed.ok ? { kind: 'renewed', leased: renewed.leased } : { kind: 'lost', stored: renewed.stored }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return { kind: 'failed', leased: current }
  }
}
