import { withDeadline } from '../deadline.js'
import {
  ClosedError, failureCause, NotConnectedError, ReauthorizeError, UnavailableError, type MiroError,
  type ReauthorizeReason
} from '../errors.js'
import { refName, type GrantRef } from '../grant/grant.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { startStopwatch } from '../clock.js'
import { attemptRefresh, type RefreshReason } from './attempt.js'
import type { Caller } from './caller.js'
import { decide, type Decision, type RefreshFailure, type TokenNeed, type UsablePair } from './decide.js'
import type { AttemptFailure, AttemptOutcome } from './finish-attempt.js'
import { LeaseExpiry, Leases, type LeasedGrant } from './lease.js'
import { Polling } from './polling.js'
import type { RefreshContext } from './refresh-context.js'
import { SingleFlight, type Flight } from './single-flight.js'
import { confirmExpiryMs, troubleWaitMs } from './timing.js'
import { UsualDuration } from './usual-duration.js'

/** What an attempt is made with. */
interface AttemptOptions extends RefreshReason {
  /** An expired lease stands in the record. */
  takeOver: boolean
}

/**
 * Gives usable pairs, with one refresh at a time per grant: callers in this process share a flight, and while another
 * process has the lease they wait.
 *
 * {@link decide} says what comes next; this class does it.
 */
export class Refresher {
  readonly #context: RefreshContext
  readonly #leases: Leases
  readonly #flights: SingleFlight<UsablePair>
  readonly #usual = new UsualDuration()

  constructor (context: RefreshContext) {
    this.#context = context
    this.#leases = new Leases(context)
    this.#flights = new SingleFlight(context.shutdown)
  }

  /** The pair to use now, given the grant as just read. `null`: there is something to wait for, or a failure. */
  atHand (ref: GrantRef, stored: StoredGrant): UsablePair | null {
    const unsaved = this.#unsavedFor(ref, stored)
    if (unsaved !== null) return unsaved
    const decision = this.#decide(stored, { kind: 'valid' })
    return decision.action === 'use' ? decision.usable : null
  }

  /** Why the person of a grant must connect again, given the grant as just read. `null`: there is no need to. */
  reauthorizeReason (stored: StoredGrant, now: number, need: TokenNeed = { kind: 'valid' }): ReauthorizeReason | null {
    const decision = this.#decide(stored, need, now)
    return decision.action === 'fail' && decision.failure.why === 'reauthorize' ? decision.failure.reason : null
  }

  /**
   * The same for a page that shows how a grant stands. Miro's API may have refused a token that is not over yet, and
   * Miro its refresh, unclearly: the next call would fail, and a page makes none.
   */
  reasonToShow (stored: StoredGrant, now: number): ReauthorizeReason | null {
    const { record } = stored
    const isRefused = record?.status === 'active' && record.refresh.unclear?.forced === true
    if (!isRefused) return this.reauthorizeReason(stored, now)
    return this.reauthorizeReason(stored, now, { kind: 'other-than', accessToken: record.pair.accessToken })
  }

  /** The pair to use: refreshes first where it must, and ahead of time where a refresh is due. */
  async usable (ref: GrantRef, stored: StoredGrant, caller: Caller): Promise<UsablePair> {
    const unsaved = this.#unsavedFor(ref, stored)
    if (unsaved !== null) return unsaved
    const decision = this.#decide(stored, { kind: 'valid' })
    switch (decision.action) {
      case 'use': return decision.usable
      case 'use-and-refresh-ahead': return this.#refreshAhead(ref, stored, decision, caller.gone)
      case 'fail': throw this.#errorFor(decision.failure)
      default: return this.#join(ref, stored, { kind: 'fresh' }, caller)
    }
  }

  /**
   * Another pair than the one whose access token Miro's API refused. `null`: a refresh was forced lately, another would
   * not help.
   */
  async replace (
    ref: GrantRef,
    stored: StoredGrant,
    accessToken: string,
    caller: Caller
  ): Promise<UsablePair | null> {
    const unsaved = this.#unsavedFor(ref, stored)
    if (unsaved !== null && unsaved.pair.accessToken !== accessToken) return unsaved
    const need: TokenNeed = { kind: 'other-than', accessToken }
    const decision = this.#decide(stored, need)
    if (decision.action !== 'fail') return this.#join(ref, stored, need, caller)
    if (decision.failure.why === 'forced-lately') return null
    throw this.#errorFor(decision.failure)
  }

  /**
   * One attempt to refresh an idle grant, unless its pair was issued after `idleSince`. A grant that has ended, rests
   * after a failure or is being refreshed is skipped.
   */
  async keepAlive (ref: GrantRef, stored: StoredGrant, idleSince: number): Promise<'refreshed' | 'skipped' | AttemptFailure> {
    const need: TokenNeed = { kind: 'issued-after', instant: idleSince }
    const { action } = this.#decide(stored, need)
    const takeOver = action === 'wait' && await this.#isLeaseExpired(ref, stored, need)
    if (action !== 'refresh' && !takeOver) return 'skipped'
    const outcome = await this.#attempt(ref, stored, { forced: false, asked: false, takeOver })
    if (outcome === null) return 'skipped'
    if (outcome.kind === 'failed') return outcome.failure
    if (outcome.kind === 'usable') return 'refreshed'
    const after = this.#decide(outcome.stored, need)
    if (after.action !== 'fail' || after.failure.why !== 'reauthorize') return 'skipped'
    return { error: new ReauthorizeError(after.failure.reason), affectsAllGrants: false }
  }

  #decide ({ record, ageMs }: StoredGrant, need: TokenNeed, now = this.#context.clock.now()): Decision {
    const { limits: { leaseMs, aheadMs }, health, secretId, shutdown } = this.#context
    const mayRefreshAhead = !health.isRefused && !shutdown.closing.aborted
    return decide(record, need, { now, ageMs, leaseMs, aheadMs, mayRefreshAhead, secretId, app: health })
  }

  #unsavedFor (ref: GrantRef, stored: StoredGrant): UsablePair | null {
    return this.#context.unsaved.findFor(ref, stored, this.#context.clock)
  }

  /** The wait is no deadline of the caller's: where the refresh takes longer or fails, the valid pair is used. */
  async #refreshAhead (ref: GrantRef, stored: StoredGrant, { usable, waitMs, takeOver }: Extract<Decision, { action: 'use-and-refresh-ahead' }>, signal: AbortSignal): Promise<UsablePair> {
    const { result, leave } = this.#board(ref, stored, { kind: 'fresh' })
    try {
      return await withDeadline(result, {
        clock: this.#context.clock,
        ms: waitMs,
        signal,
        late: () => new UnavailableError()
      })
    } catch (error) {
      if (signal.aborted || error instanceof NotConnectedError) throw error
      return this.#unsavedFor(ref, stored) ?? usable
    } finally {
      // A take-over needs a second read 3 s later. This caller stops waiting sooner but keeps its place, so that the
      // flight is not abandoned.
      if (!takeOver) leave()
    }
  }

  /** Joins the flight of this grant, or begins one. It goes on when a caller leaves, unless that was the last. */
  #join (ref: GrantRef, stored: StoredGrant, need: TokenNeed, caller: Caller): Promise<UsablePair> {
    const { result, leave } = this.#board(ref, stored, need)
    caller.onLeave(leave)
    return result
  }

  #board (ref: GrantRef, stored: StoredGrant, need: TokenNeed): ReturnType<SingleFlight<UsablePair>['join']> {
    const name = need.kind === 'other-than' ? refName(ref) + need.accessToken : refName(ref)
    return this.#flights.join(name, (flight) => this.#fly(ref, stored, need, flight))
  }

  /** Until the need is met or cannot be: decides, then refreshes, or waits for the process that does. */
  async #fly (ref: GrantRef, first: StoredGrant, need: TokenNeed, flight: Flight): Promise<UsablePair> {
    const { table, clock, shutdown } = this.#context
    const expiry = new LeaseExpiry(clock)
    const polling = new Polling(this.#usual, clock)
    let sinceTroubleMs: (() => number) | null = null
    for (let stored = first; ;) {
      if (flight.endIfAbandoned()) throw new UnavailableError()
      const decision = this.#decide(stored, need)
      if (decision.action === 'use' || decision.action === 'use-and-refresh-ahead') {
        polling.sawPair(stored)
        return decision.usable
      }
      if (decision.action === 'fail') throw this.#errorFor(decision.failure)
      if (shutdown.closing.aborted) throw new ClosedError()
      const takeOver = decision.action === 'wait' && expiry.isExpiredTwice(stored, decision.isLeaseExpired)
      const isWaiting = decision.action === 'wait' && !takeOver
      if (isWaiting) polling.sawLease(stored)
      if (isWaiting && decision.isAnswerLost && !decision.isLeaseExpired) {
        // Counted from here, and not from the start: a caller that waited for a take-over has waited for longer
        // already, and the take-over may well succeed.
        sinceTroubleMs ??= startStopwatch(clock)
        if (sinceTroubleMs() >= troubleWaitMs) throw this.#unavailable()
      }
      const outcome = isWaiting
        ? null
        : await this.#attempt(ref, stored, { forced: need.kind === 'other-than', asked: true, takeOver })
      if (outcome === null) {
        await polling.pause(shutdown.closing)
        stored = await table.read(ref)
        continue
      }
      if (outcome.kind === 'failed') throw outcome.failure.error
      if (outcome.kind === 'usable') return outcome.usable
      stored = outcome.stored
    }
  }

  /** Whether a lease is expired in two reads. */
  async #isLeaseExpired (ref: GrantRef, first: StoredGrant, need: TokenNeed): Promise<boolean> {
    const { table, clock, shutdown } = this.#context
    const expiry = new LeaseExpiry(clock)
    const isExpired = (stored: StoredGrant): boolean => {
      const decision = this.#decide(stored, need)
      return decision.action === 'wait' && decision.isLeaseExpired
    }
    if (!isExpired(first)) return false
    expiry.isExpiredTwice(first, true)
    await clock.wait(confirmExpiryMs, shutdown.closing)
    const second = await table.read(ref)
    return !shutdown.closing.aborted && expiry.isExpiredTwice(second, isExpired(second))
  }

  /** One attempt, if the app's health allows it. `null`: the answer of a probe is near, so wait for it. */
  async #attempt (
    ref: GrantRef,
    stored: StoredGrant,
    { takeOver, ...reason }: AttemptOptions
  ): Promise<AttemptOutcome | null> {
    const { health, events } = this.#context
    const admission = health.admit()
    if (!admission.admitted) {
      if (admission.worthWaiting && reason.asked) return null
      return { kind: 'failed', failure: { error: this.#unavailable(health.retryAfterMs), affectsAllGrants: true } }
    }
    try {
      const result = await this.#leases.take(ref, stored, { takeOver })
      if (!result.ok) return { kind: 'changed', stored: result.stored }
      if (takeOver) events.emitFor(ref, { type: 'lease_taken_over' })
      const elapsedMs = startStopwatch(this.#context.clock)
      const outcome = await this.#send(ref, result.leased, reason)
      if (outcome.kind === 'usable') this.#usual.note(elapsedMs())
      return outcome
    } finally {
      admission.end()
    }
  }

  /** Callers of a refresh whose answer was lost are told within two seconds; the refresh goes on without them. */
  async #send (ref: GrantRef, leased: LeasedGrant, reason: RefreshReason): Promise<AttemptOutcome> {
    const { clock, shutdown } = this.#context
    return new Promise((resolve, reject) => {
      const onTrouble = (): void => {
        if (reason.asked) clock.wait(troubleWaitMs).then(() => reject(this.#unavailable()), reject)
      }
      const parts = { leases: this.#leases, ref, leased, reason, onTrouble }
      shutdown.track(attemptRefresh(this.#context, parts)).then(resolve, reject)
    })
  }

  #errorFor (failure: RefreshFailure): MiroError {
    switch (failure.why) {
      case 'not-connected': return new NotConnectedError()
      case 'reauthorize': return new ReauthorizeError(failure.reason)
      case 'backing-off': case 'app-in-doubt': return this.#unavailable(failure.retryAt - this.#context.clock.now())
      case 'forced-lately': return new UnavailableError()
    }
  }

  #unavailable (retryAfterMs?: number): UnavailableError {
    const { failure } = this.#context.health
    return new UnavailableError({
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(failure === null ? {} : { cause: failureCause(failure) })
    })
  }
}
