import { startStopwatch, type Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { ClosedError, NotConnectedError, ReauthorizeError, UnavailableError } from '../errors.js'
import type { EventSink } from '../events.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant } from '../grant/grant-record.js'
import type { GrantTable, StoredGrant } from '../grant/grant-table.js'
import { tokenState } from '../grant/token-pair.js'
import type { Shutdown } from '../shutdown.js'
import type { OAuthEndpoints } from '../wire/oauth-endpoints.js'
import type { Breaker } from './breaker.js'
import { Leases } from './lease.js'
import { Commits } from './commits.js'
import { Flights, type Flight } from './flights.js'
import { UnsavedPairs, nameOf } from './unsaved-pairs.js'
import { leaseToRequestMs, type RefreshLimits } from './limits.js'
import { nextStep, type NextStep, type TokenNeed } from './next-step.js'
import { RefreshRequests } from './refresh-requests.js'
import type { SecretProof } from './secret-proof.js'
import type { Settle } from './settlement.js'
import type { Failed, Outcome, Usable } from './usable.js'

/** What refreshing takes. */
interface RefresherParts {
  table: GrantTable
  endpoint: OAuthEndpoints
  breaker: Breaker
  proof: SecretProof
  events: EventSink
  clock: Clock
  limits: RefreshLimits
  shutdown: Shutdown
  settle: Settle
}

/** When a version with an expired lease was first read: one reading of an age may be wrong, two apart are not. */
interface Sighting {
  version: string | null
  elapsedMs: () => number
}

const noSighting: Sighting = { version: null, elapsedMs: () => 0 }
const secondSightMs = 3000
const pollMs = { first: 100, longest: 2000 }

/**
 * Gets usable access tokens, refreshing at most once per refresh token in the whole fleet.
 *
 * All decisions are pure functions (`nextStep`, `classify`, `settle`). What they say is done by `Leases` (who refreshes),
 * `RefreshRequests` (the request) and `Commits` (the result); this class has callers share and wait.
 */
export class Refresher {
  readonly #parts: RefresherParts
  readonly #leases: Leases
  readonly #requests: RefreshRequests
  readonly #unsaved = new UnsavedPairs()
  readonly #flights: Flights<Usable>

  constructor (parts: RefresherParts) {
    const { table, clock, limits, shutdown } = parts
    this.#parts = parts
    this.#flights = new Flights(shutdown)
    this.#leases = new Leases({ table, clock, longestMs: leaseToRequestMs(limits), closing: shutdown.closing })
    const commits = new Commits({ ...parts, unsaved: this.#unsaved })
    this.#requests = new RefreshRequests({ ...parts, leases: this.#leases, commits, leaseMs: limits.leaseMs })
  }

  /** The pair to use now, given the grant as just read, where there is nothing to decide and nobody to wait for. */
  atHand (ref: GrantRef, stored: StoredGrant): Usable | null {
    const now = this.#now()
    const unsaved = this.#unsaved.findFor(ref, stored, now)
    if (unsaved !== null) return unsaved
    const { record } = stored
    if (record?.status !== 'active' || record.lease !== null || tokenState(record.pair, now) !== 'fresh') return null
    return { pair: record.pair, consentId: record.consentId }
  }

  /** The same in every case. Refreshes first where it must, in the background where it should. */
  async usable (ref: GrantRef, stored: StoredGrant, signal?: AbortSignal): Promise<Usable> {
    const atHand = this.atHand(ref, stored)
    if (atHand !== null) return atHand
    const record = throwIfOver(stored)
    if (tokenState(record.pair, this.#now()) !== 'expired') return this.#usableWhileValid(ref, stored, record, signal)
    return this.#join(ref, stored, { kind: 'fresh' }, { ms: this.#parts.limits.callerMs, signal })
  }

  /**
   * Another pair than the one whose access token Miro's API refused. `null`: a refresh was forced lately, another would not help.
   */
  async replace (ref: GrantRef, stored: StoredGrant, accessToken: string, signal?: AbortSignal): Promise<Usable | null> {
    const unsaved = this.#unsaved.findFor(ref, stored, this.#now())
    if (unsaved !== null && unsaved.pair.accessToken !== accessToken) return unsaved
    throwIfOver(stored)
    const need: TokenNeed = { kind: 'other-than', accessToken }
    if (this.#nextStep(stored, need).step === 'forced-lately') return null
    return this.#join(ref, stored, need, { ms: this.#parts.limits.callerMs, signal })
  }

  /**
   * One attempt to refresh a grant for which nobody asks, unless its pair was issued after `idleSince`. A grant that is
   * over, in trouble or in somebody's hands is skipped.
   */
  async keepAlive (ref: GrantRef, stored: StoredGrant, idleSince: number): Promise<'refreshed' | 'skipped' | Failed> {
    const need: TokenNeed = { kind: 'issued-after', instant: idleSince }
    const { step } = this.#nextStep(stored, need)
    const takeOver = step === 'wait' && await this.#isAbandoned(ref, stored, need)
    if (step !== 'lease' && !takeOver) return 'skipped'
    const outcome = await this.#refresh(ref, stored, { forced: false, asked: false, takeOver })
    if ('failed' in outcome) return outcome.failed
    if ('usable' in outcome) return 'refreshed'
    const after = this.#nextStep(outcome.stored, need)
    return after.step === 'reauthorize' ? { error: new ReauthorizeError(after.reason), isEverybodys: false } : 'skipped'
  }

  /** What this process holds of a grant and the store has not taken; for readers while the store is down. */
  unsavedDuringOutage (ref: GrantRef): Usable | null {
    return this.#unsaved.find(ref, this.#now())
  }

  /** The grant was connected or disconnected here: what is held of its former life is for nobody. */
  forget (ref: GrantRef): void {
    this.#unsaved.drop(ref)
  }

  #now (): number {
    return this.#parts.clock.now()
  }

  #nextStep (stored: StoredGrant, need: TokenNeed): NextStep {
    return nextStep(stored.record, need, { now: this.#now(), ageMs: stored.ageMs, leaseMs: this.#parts.limits.leaseMs })
  }

  /**
   * Serves a valid pair. Rotation kills it at once, so whoever sees a refresh begin or under way prefers its outcome, for
   * the lease's first two seconds.
   */
  async #usableWhileValid (ref: GrantRef, stored: StoredGrant, record: ActiveGrant, signal: AbortSignal | undefined): Promise<Usable> {
    const { limits: { aheadMs, leaseMs } } = this.#parts
    const current: Usable = { pair: record.pair, consentId: record.consentId }
    const isDead = record.lease !== null && stored.ageMs > leaseMs
    const begins = isDead || this.#shouldRefreshAhead(record)
    if (!begins && record.lease === null) return current
    const ms = begins ? aheadMs : aheadMs - stored.ageMs
    if (ms <= 0) return current
    // A dead lease is taken over after a second sight, for which this caller may not stay.
    return this.#join(ref, stored, { kind: 'fresh' }, { ms, signal, stays: isDead }).catch((error: unknown) => {
      if (signal?.aborted === true || error instanceof NotConnectedError) throw error
      return this.#unsaved.findFor(ref, stored, this.#now()) ?? current
    })
  }

  #shouldRefreshAhead ({ lease, pair, unclear, notBefore }: ActiveGrant): boolean {
    const { breaker, shutdown } = this.#parts
    const now = this.#now()
    return lease === null && pair.refreshToken !== null && tokenState(pair, now) === 'due' && unclear === null &&
      (notBefore === null || notBefore <= now) && !breaker.isOpen && !shutdown.closing.aborted
  }

  /** Joins the flight for this grant, or begins one. Only the caller's wait ends here, unless nobody else is left. */
  async #join (ref: GrantRef, stored: StoredGrant, need: TokenNeed, { ms, signal, stays = false }: {
    ms: number, signal: AbortSignal | undefined, stays?: boolean
  }): Promise<Usable> {
    const name = need.kind === 'other-than' ? nameOf(ref) + need.accessToken : nameOf(ref)
    const seat = this.#flights.join(name, (flight) => this.#fly(ref, stored, need, flight))
    try {
      return await withDeadline(seat.result, { clock: this.#parts.clock, ms, signal, late: () => new UnavailableError() })
    } finally {
      if (!stays) seat.leave()
    }
  }

  /** Until the wish is granted or cannot be: look, then lease and ask, or wait for whoever did. */
  async #fly (ref: GrantRef, first: StoredGrant, need: TokenNeed, flight: Flight): Promise<Usable> {
    const { table, clock, shutdown } = this.#parts
    let stored = first
    let waitMs = pollMs.first
    let firstSight: Sighting = noSighting
    for (;;) {
      if (flight.endIfAbandoned()) throw new UnavailableError()
      const step = this.#nextStep(stored, need)
      if (step.step === 'serve') return step
      throwIfFailed(step, this.#now())
      if (shutdown.closing.aborted) throw new ClosedError()
      if (step.step === 'wait') {
        if (!step.dead) firstSight = noSighting
        else if (firstSight.version !== stored.version) firstSight = { version: stored.version, elapsedMs: startStopwatch(clock) }
        if (firstSight.elapsedMs() < secondSightMs) {
          await clock.wait(waitMs, shutdown.closing)
          waitMs = Math.min(waitMs * 2, pollMs.longest)
          stored = await table.read(ref)
          continue
        }
      }
      const outcome = await this.#refresh(ref, stored, { forced: need.kind === 'other-than', asked: true, takeOver: step.step === 'wait' })
      if ('failed' in outcome) throw outcome.failed.error
      if ('usable' in outcome) return outcome.usable
      stored = outcome.stored
    }
  }

  /** Whether a lease was expired in two reads. */
  async #isAbandoned (ref: GrantRef, stored: StoredGrant, need: TokenNeed): Promise<boolean> {
    const { table, clock, shutdown } = this.#parts
    if (!isDead(this.#nextStep(stored, need))) return false
    await clock.wait(secondSightMs, shutdown.closing)
    return !shutdown.closing.aborted && isDead(this.#nextStep(await table.read(ref), need))
  }

  async #refresh (ref: GrantRef, stored: StoredGrant, { takeOver, ...reason }: { forced: boolean, asked: boolean, takeOver: boolean }): Promise<Outcome> {
    const { breaker, events } = this.#parts
    const now = this.#now()
    if (!breaker.admit(now)) {
      return { failed: { error: new UnavailableError({ retryAfterMs: breaker.retryAfterMs(now) }), isEverybodys: true } }
    }
    const lease = await this.#leases.take(ref, stored, { takeOver })
    if (!lease.ok) return lease
    if (takeOver) events.emit({ type: 'lease_taken_over', grant: events.fingerprint(ref) })
    return this.#requests.send(ref, lease.leased, reason)
  }
}

/** A tombstone is told at once: a flight may still be on its way with an older look at the record. */
function throwIfOver ({ record }: StoredGrant): ActiveGrant {
  if (record === null || record.status === 'disconnected') throw new NotConnectedError()
  if (record.status === 'rejected') throw new ReauthorizeError(record.reason)
  return record
}

function isDead (step: NextStep): boolean {
  return step.step === 'wait' && step.dead
}

function throwIfFailed (step: NextStep, now: number): void {
  switch (step.step) {
    case 'not-connected': throw new NotConnectedError()
    case 'reauthorize': throw new ReauthorizeError(step.reason)
    case 'forced-lately': throw new UnavailableError()
    case 'back-off': throw new UnavailableError({ retryAfterMs: step.retryAt - now })
  }
}
