import { withDeadline } from '../deadline.js'
import { failureCause, misconfigured, ReauthorizeError, UnavailableError, type MiroError } from '../errors.js'
import { refName, type GrantRef } from '../grant/grant.js'
import type { ActiveGrant, GrantRecord } from '../grant/grant-record.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { toTokenPair } from '../grant/token-pair.js'
import { failureOf, type Verdict } from '../wire/classify.js'
import type { UsablePair } from './decide.js'
import type { LeasedGrant } from './lease.js'
import type { RefreshContext } from './refresh-context.js'
import { storeResult, type RefreshResult, type StoreOutcome } from './store-result.js'
import { storeWaitMs } from './timing.js'
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

type Success = Extract<Verdict, { kind: 'ok' }>
type Failure = Exclude<Verdict, { kind: 'ok' }>

/**
 * Stores a pair that Miro gave, for as long as this process lives: it is the only live one. Callers wait two seconds
 * for that, and are then served from memory.
 */
export async function storePair (
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
export async function storeFailure (
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
