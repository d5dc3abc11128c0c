import { withDeadline } from '../deadline.js'
import { failureCause, misconfigured, ReauthorizeError, StoreError, UnavailableError, type MiroError } from '../errors.js'
import { refName, type GrantRef } from '../grant/grant.js'
import type { ActiveGrant, GrantRecord } from '../grant/grant-record.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { hashRefreshToken, toTokenPair } from '../grant/token-pair.js'
import { classify, failureOf, type Verdict } from '../wire/classify.js'
import type { RefreshRequest } from './apply-result.js'
import type { EndpointFailure } from './client-health.js'
import type { UsablePair } from './decide.js'
import type { LeasedGrant, Leases } from './lease.js'
import type { RefreshContext } from './refresh-context.js'
import { storeResult, type RefreshResult, type StoreOutcome } from './store-result.js'
import { longestThrottleWaitMs, resendAfterMs, storeWaitMs, unsentAgainMs } from './timing.js'
import type { UnsavedPair } from './unsaved-pairs.js'

/** The outcome of an attempt to refresh. */
export type AttemptOutcome =
  | { kind: 'usable', usable: UsablePair }
  /** The record moved on: decide about it again. */
  | { kind: 'changed', stored: StoredGrant }
  | { kind: 'failed', failure: AttemptFailure }

/** A failure that cost the grant nothing. */
export interface AttemptFailure {
  error: MiroError
  /** Whether a refresh of any other grant would fare no better now. */
  affectsAllGrants: boolean
}

/** Why a refresh token is sent. */
export interface RefreshReason {
  /** A 401 of Miro's API forced it. */
  forced: boolean
  /** A caller wants the token. */
  asked: boolean
}

type Success = Extract<Verdict, { kind: 'ok' }>
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

/**
 * Stores a pair that Miro gave, for as long as this process lives: it is the only live one. Callers wait two seconds
 * for that, and are then served from memory.
 */
async function storePair (
  context: RefreshContext,
  ref: GrantRef,
  { record: { consentId } }: LeasedGrant,
  result: RefreshResult<Success>
): Promise<AttemptOutcome> {
  const { request, verdict } = result
  const unsaved: UnsavedPair = {
    request,
    pair: toTokenPair(verdict.answer, request.sentAt, request.refreshToken),
    consentId
  }
  context.unsaved.keep(ref, unsaved)
  const onDelay = (): void => context.events.emitFor(ref, { type: 'commit_delayed' })
  const storing = storeResult(context, ref, result, { giveUpAfterMs: Infinity, onDelay })
    .then((outcome) => afterStored(context, ref, result, outcome))
    .finally(() => context.unsaved.drop(ref, unsaved))
  const late = (): UnavailableError => new UnavailableError()
  const discarded = await withDeadline(context.shutdown.track(storing), {
    clock: context.clock,
    ms: storeWaitMs,
    late
  }).catch(() => null)
  return discarded === null ? { kind: 'usable', usable: unsaved } : { kind: 'changed', stored: discarded }
}

/** Returns the record that stands instead where the pair was discarded, or `null`. */
function afterStored (
  { health, events, clock, shutdown, revocations }: RefreshContext,
  ref: GrantRef,
  { request, verdict }: RefreshResult<Success>,
  outcome: StoreOutcome
): StoredGrant | null {
  health.worked(request.sentAt)
  switch (outcome.action) {
    case 'already-stored': return null
    case 'written': {
      const late = outcome.over?.status !== 'active' || outcome.over.refresh.lease?.id !== request.leaseId
      events.emitFor(ref, { type: 'refreshed', durationMs: clock.now() - request.sentAt, late })
      return null
    }
    case 'discard':
      events.emitFor(ref, { type: 'refresh_dropped', why: outcome.why })
      // Not waited for: the caller must learn at once that the grant is gone.
      if (outcome.why !== 'superseded') {
        const pair = toTokenPair(verdict.answer, request.sentAt, request.refreshToken)
        // Not refreshed: the pair may have been stored after all, by a write whose reply was lost, and used since.
        shutdown.track(revocations.revoke(ref, pair, { mayRefresh: false })).catch(() => {})
      }
      return outcome.stored
  }
}

/** Stores a failure: a lease that is left behind holds every caller up until it expires. Callers wait two seconds. */
async function storeFailure (
  context: RefreshContext,
  ref: GrantRef,
  result: RefreshResult<Failure>
): Promise<AttemptOutcome> {
  const { clock, limits, shutdown } = context
  const { verdict } = result
  const now = clock.now()
  noteVerdict(context, ref, verdict)
  const storing = storeResult(context, ref, result, {
    giveUpAfterMs: limits.leaseMs,
    onDelay: () => {}
  }).then((outcome) => {
    if (outcome.action === 'written') reportFailure(context, ref, verdict, outcome.next)
    return outcome
  })
  const late = (): MiroError => errorFor(verdict, null, now)
  const outcome = await withDeadline(shutdown.track(storing), { clock, ms: storeWaitMs, late })
  // The next decision about the record tells of a tombstone and of an unclear refusal, the verdict tells of the rest.
  if (outcome.action !== 'written' || outcome.next.status !== 'active' || outcome.next.refresh.unclear !== null) {
    return { kind: 'changed', stored: outcome.stored }
  }
  const error = errorFor(verdict, outcome.next, now)
  return { kind: 'failed', failure: { error, affectsAllGrants: affectsAllGrants(verdict) } }
}

function noteVerdict ({ health }: RefreshContext, ref: GrantRef, verdict: Failure): void {
  switch (verdict.kind) {
    case 'unclear': return health.refusedUnclearly(refName(ref))
    case 'config': return health.misconfigured()
    case 'rejected': return
    default: health.unanswered(failureOf(verdict))
  }
}

function reportFailure ({ events }: RefreshContext, ref: GrantRef, verdict: Failure, next: GrantRecord): void {
  if (next.status === 'rejected') return events.emitFor(ref, { type: 'rejected', reason: next.reason })
  if (verdict.kind === 'rejected') return
  events.emitFor(ref, { type: 'refresh_failed', verdict: verdict.kind, ...failureOf(verdict), willRetry: false })
}

/**
 * A lost answer may be the trouble of this grant alone; failures of the app's own are held back by the circuit breaker.
 */
function affectsAllGrants ({ kind }: Failure): boolean {
  return kind === 'not-sent' || kind === 'throttled'
}

function errorFor (verdict: Failure, record: ActiveGrant | null, now: number): MiroError {
  switch (verdict.kind) {
    case 'rejected': return new ReauthorizeError('refused')
    case 'config': return misconfigured(verdict)
    default: {
      const retryAt = record?.refresh.retryAt ?? record?.refresh.unclear?.retryAt ?? now
      return new UnavailableError({ retryAfterMs: retryAt - now, cause: failureCause(failureOf(verdict)) })
    }
  }
}
