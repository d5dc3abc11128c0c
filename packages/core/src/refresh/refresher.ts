import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { startStopwatch, type Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import {
  BadResponseError, ClosedError, ConfigError, NotConnectedError, ReauthorizeError, UnavailableError, type MiroError
} from '../errors.js'
import type { EventSink } from '../events.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant } from '../grant/grant-record.js'
import type { GrantTable, Seen } from '../grant/grant-table.js'
import { lifeOf, lineageOf, toTokenPair, type TokenPair } from '../grant/token-pair.js'
import { classify, type Verdict } from '../wire/classify.js'
import type { TokenEndpoint } from '../wire/token-endpoint.js'
import type { Breaker } from './breaker.js'
import { Flights, type Flight } from './flights.js'
import type { RefreshLimits } from './limits.js'
import { nextStep, type Wish } from './next-step.js'
import { settle, type Consumed } from './settlement.js'

/** A record whose claim is ours: the refresh token in it is the one to send. */
interface Claimed {
  record: ActiveGrant & { pair: { refreshToken: string } }
  seen: Seen
}

type ClaimResult = { ok: true, claimed: Claimed } | { ok: false, seen: Seen }

/** What came of a refresh: a pair to serve, or a record that moved on and must be looked at again. */
type Outcome = { pair: TokenPair } | { seen: Seen }

/** A pair that Miro gave and the store has not taken yet. */
interface Held {
  consumed: Consumed
  pair: TokenPair
}

/** When a version whose claim outlived its lease was first seen: one reading of an age may be wrong, two apart are not. */
interface Sighting {
  version: string | null
  elapsedMs: () => number
}

const noSighting: Sighting = { version: null, elapsedMs: () => 0 }

/** Between a claim and its request no more may pass than this, or somebody may already have taken over. */
const claimToRequestMs = 10_000
const sameRequestAgainMs = [1000, 2000, 5000, 10_000, 30_000]
const pollMs = { first: 100, longest: 2000 }
const secondSightMs = 3000
const commitEveryMs = 1000
const firstCommitMs = 2000

/**
 * Gets usable access tokens, refreshing at most once per refresh token in the whole fleet.
 *
 * All decisions are pure functions (`nextStep`, `classify`, `settle`); this class does what they say: reads, claims,
 * asks, commits. It must not do anything else between Miro's answer and the commit.
 */
export class Refresher {
  readonly #table: GrantTable
  readonly #endpoint: TokenEndpoint
  readonly #breaker: Breaker
  readonly #events: EventSink
  readonly #clock: Clock
  readonly #limits: RefreshLimits
  readonly #flights = new Flights<TokenPair>()
  readonly #held = new Map<string, Held>()
  readonly #closing = new AbortController()

  constructor (parts: {
    table: GrantTable, endpoint: TokenEndpoint, breaker: Breaker, events: EventSink, clock: Clock, limits: RefreshLimits
  }) {
    this.#table = parts.table
    this.#endpoint = parts.endpoint
    this.#breaker = parts.breaker
    this.#events = parts.events
    this.#clock = parts.clock
    this.#limits = parts.limits
    // Every flight that waits listens to it.
    setMaxListeners(0, this.#closing.signal)
  }

  /** The pair to use now, given the grant as just read. Refreshes first where it must, in the background where it should. */
  async usable (ref: GrantRef, seen: Seen, signal?: AbortSignal): Promise<TokenPair> {
    const held = this.#heldFor(ref, seen)
    if (held !== null) return held
    const record = seen.record
    if (record?.status !== 'active' || lifeOf(record.pair, this.#clock.now()) === 'expired') {
      return this.#join(ref, seen, { want: 'fresh' }, { ms: this.#limits.callerMs, signal })
    }
    return this.#usableWhileValid(ref, seen, record, signal)
  }

  /**
   * Another pair than the one whose access token Miro's API refused. `null`: a refresh was forced lately, another would not help.
   */
  async replace (ref: GrantRef, seen: Seen, accessToken: string, signal?: AbortSignal): Promise<TokenPair | null> {
    const step = this.#nextStep(seen, { want: 'other-than', accessToken })
    if (step.step === 'serve') return step.pair
    if (step.step === 'forced-lately') return null
    return this.#join(ref, seen, { want: 'other-than', accessToken }, { ms: this.#limits.callerMs, signal })
  }

  /** What this process holds of a grant and the store has not taken; for readers while the store is down. */
  heldDuringOutage (ref: GrantRef): TokenPair | null {
    const held = this.#held.get(nameOf(ref))
    return held !== undefined && lifeOf(held.pair, this.#clock.now()) !== 'expired' ? held.pair : null
  }

  /** Begins nothing new, and resolves when every request that was sent is answered and settled, at the latest after `requestMs`. */
  async close (): Promise<void> {
    this.#closing.abort()
    await withDeadline(this.#flights.drained(), { clock: this.#clock, ms: this.#limits.requestMs, late: () => new ClosedError() }).catch(() => {})
  }

  #nextStep (seen: Seen, wish: Wish): ReturnType<typeof nextStep> {
    return nextStep(seen.record, wish, { now: this.#clock.now(), ageMs: seen.ageMs, leaseMs: this.#limits.leaseMs })
  }

  #heldFor (ref: GrantRef, { record }: Seen): TokenPair | null {
    const held = this.#held.get(nameOf(ref))
    if (held === undefined || record?.status !== 'active' || record.epoch !== held.consumed.epoch) return null
    return lineageOf(record.pair.refreshToken) === held.consumed.lineage ? this.heldDuringOutage(ref) : null
  }

  /**
   * Serves a valid pair. Rotation kills it at once, so whoever sees a refresh begin or under way prefers its outcome, for
   * the claim's first two seconds.
   */
  async #usableWhileValid (ref: GrantRef, seen: Seen, record: ActiveGrant, signal: AbortSignal | undefined): Promise<TokenPair> {
    const isDead = seen.ageMs > this.#limits.leaseMs
    const isOurs = record.claim === null ? this.#shouldRefreshAhead(record) : isDead
    const ms = isOurs ? this.#limits.aheadMs : this.#limits.aheadMs - seen.ageMs
    if (!isOurs && (record.claim === null || ms <= 0)) return record.pair
    const outcome = this.#join(ref, seen, { want: 'fresh' }, { ms, signal, detached: isOurs })
    return outcome.catch((error: unknown) => {
      if (signal?.aborted === true || error instanceof NotConnectedError) throw error
      return record.pair
    })
  }

  #shouldRefreshAhead (record: ActiveGrant): boolean {
    const now = this.#clock.now()
    return lifeOf(record.pair, now) === 'due' && record.pair.refreshToken !== null && record.doubt === null &&
      (record.notBefore === null || record.notBefore <= now) && !this.#breaker.isOpen && !this.#closing.signal.aborted
  }

  /** Joins the flight for this grant, or begins one. Only the caller's wait ends here, unless nobody else is left. */
  async #join (ref: GrantRef, seen: Seen, wish: Wish, { ms, signal, detached = false }: {
    ms: number, signal: AbortSignal | undefined, detached?: boolean
  }): Promise<TokenPair> {
    const name = wish.want === 'fresh' ? nameOf(ref) : nameOf(ref) + wish.accessToken
    const seat = this.#flights.join(name, (flight) => this.#fly(ref, seen, wish, flight))
    try {
      return await withDeadline(seat.result, { clock: this.#clock, ms, signal, late: () => new UnavailableError() })
    } finally {
      if (!detached) seat.leave()
    }
  }

  /** Until the wish is granted or cannot be: look, then claim and ask, or wait for whoever did. */
  async #fly (ref: GrantRef, first: Seen, wish: Wish, flight: Flight): Promise<TokenPair> {
    let seen = first
    let backOffMs = pollMs.first
    let firstSight: Sighting = noSighting
    for (;;) {
      if (flight.endIfAbandoned()) throw new UnavailableError()
      const step = this.#nextStep(seen, wish)
      const now = this.#clock.now()
      switch (step.step) {
        case 'serve': return step.pair
        case 'not-connected': throw new NotConnectedError()
        case 'reauthorize': throw new ReauthorizeError(step.reason)
        case 'forced-lately': throw new UnavailableError()
        case 'back-off': throw new UnavailableError({ retryAfterMs: step.retryAt - now })
      }
      if (this.#closing.signal.aborted) throw new ClosedError()
      if (step.step === 'wait') {
        if (!step.dead) firstSight = noSighting
        else if (firstSight.version !== seen.version) firstSight = { version: seen.version, elapsedMs: startStopwatch(this.#clock) }
        if (firstSight.elapsedMs() < secondSightMs) {
          await this.#clock.wait(backOffMs, this.#closing.signal)
          backOffMs = Math.min(backOffMs * 2, pollMs.longest)
          seen = await this.#table.read(ref)
          continue
        }
      }
      if (!this.#breaker.admit(now)) throw new UnavailableError({ retryAfterMs: this.#breaker.retryAfterMs(now) })
      const claim = await this.#claim(ref, seen, { forced: wish.want === 'other-than', takeOver: step.step === 'wait' })
      const outcome = claim.ok ? await this.#ask(ref, claim.claimed) : claim
      if ('pair' in outcome) return outcome.pair
      seen = outcome.seen
    }
  }

  /** Writes a claim into the record as seen. The refresh token to send is the one this write confirms. */
  async #claim (ref: GrantRef, seen: Seen, { forced, takeOver }: { forced: boolean, takeOver: boolean }): Promise<ClaimResult> {
    const record = seen.record
    if (record?.status !== 'active') return { ok: false, seen }
    const now = this.#clock.now()
    const result = await this.#write(ref, seen, {
      ...record,
      claim: { id: randomUUID() },
      // Whoever held the dead claim may have consumed the token.
      answerLost: record.answerLost || takeOver,
      forcedAt: forced ? now : record.forcedAt
    })
    if (result.ok && takeOver) this.#events.emit({ type: 'claim_taken_over', grant: this.#events.fingerprint(ref) })
    return result
  }

  /** Writes a claimed record, unless the write took so long that the claim may be worth nothing by now. */
  async #write (ref: GrantRef, seen: Seen, next: ActiveGrant): Promise<ClaimResult> {
    const elapsedMs = startStopwatch(this.#clock)
    const written = await this.#table.replace(ref, seen, next, this.#clock.now())
    // A write whose reply was lost may be found standing: our claim's id tells.
    const isOurs = written.ok || claimIdOf(written.seen) === next.claim?.id
    if (!isOurs || !isClaimed(next)) return { ok: false, seen: written.seen }
    if (elapsedMs() <= claimToRequestMs) return { ok: true, claimed: { record: next, seen: written.seen } }
    const returned = await this.#table.replace(ref, written.seen, { ...next, claim: null }, this.#clock.now())
    return { ok: false, seen: returned.seen }
  }

  /**
   * Sends the refresh and settles its result. While Miro's answer stays lost, the same request goes out again, under a
   * renewed claim: if the lost one was never acted on, nothing is lost but time.
   */
  async #ask (ref: GrantRef, first: Claimed): Promise<Outcome> {
    let claimed = first
    for (const delayMs of [...sameRequestAgainMs, null]) {
      const { record } = claimed
      const consumed: Consumed = {
        epoch: record.epoch,
        lineage: lineageOf(record.pair.refreshToken),
        refreshToken: record.pair.refreshToken,
        claimId: record.claim?.id ?? '',
        sentAt: this.#clock.now()
      }
      const raw = await this.#endpoint.refresh(record.pair.refreshToken)
      const verdict = classify(raw, this.#clock.now())
      if (verdict.kind === 'ok') return this.#commit(ref, claimed.seen, consumed, verdict)
      if (verdict.kind !== 'ambiguous' || delayMs === null || this.#closing.signal.aborted) {
        return this.#settleFailure(ref, claimed.seen, consumed, verdict)
      }
      const renewed = await this.#renewAfter(ref, claimed, delayMs)
      if (!renewed.ok) return { seen: renewed.seen }
      claimed = renewed.claimed
      if (this.#closing.signal.aborted) return this.#settleFailure(ref, claimed.seen, consumed, { kind: 'ambiguous' })
    }
    throw new UnavailableError()
  }

  /** Notes the lost answer and starts the lease anew, then again when the pause is over. */
  async #renewAfter (ref: GrantRef, claimed: Claimed, delayMs: number): Promise<ClaimResult> {
    const next = { ...claimed.record, answerLost: true }
    const noted = await this.#write(ref, claimed.seen, next)
    if (!noted.ok) return noted
    await this.#clock.wait(delayMs, this.#closing.signal)
    return this.#write(ref, noted.claimed.seen, next)
  }

  /** Stores a new pair, as long as it takes. Callers get it when it is stored, at the latest after two seconds. */
  async #commit (ref: GrantRef, seen: Seen, consumed: Consumed, verdict: Extract<Verdict, { kind: 'ok' }>): Promise<Outcome> {
    const pair = toTokenPair(verdict.answer, consumed.sentAt, consumed.refreshToken)
    const held: Held = { consumed, pair }
    this.#held.set(nameOf(ref), held)
    const committed = this.#commitWhileAlive(ref, seen, held, verdict).finally(() => {
      if (this.#held.get(nameOf(ref)) === held) this.#held.delete(nameOf(ref))
    })
    this.#flights.track(committed)
    const served = await withDeadline(committed, {
      clock: this.#clock, ms: firstCommitMs, late: () => new UnavailableError()
    }).catch(() => null)
    return served ?? { pair }
  }

  async #commitWhileAlive (ref: GrantRef, first: Seen, { consumed, pair }: Held, verdict: Extract<Verdict, { kind: 'ok' }>): Promise<Outcome> {
    const grant = this.#events.fingerprint(ref)
    let seen: Seen | null = first
    let delayed = false
    for (;;) {
      try {
        seen ??= await this.#table.read(ref)
        const settlement = settle(seen.record, consumed, verdict, { now: this.#clock.now(), provedAt: null })
        if (settlement.settle === 'write') {
          const isLate: boolean = seen.record?.status !== 'active' || seen.record.claim?.id !== consumed.claimId
          const written = await this.#table.replace(ref, seen, settlement.next, this.#clock.now())
          seen = written.seen
          if (!written.ok) continue
          this.#proved()
          this.#events.emit({ type: 'refreshed', grant, durationMs: this.#clock.now() - consumed.sentAt, late: isLate })
          return { pair }
        }
        this.#proved()
        if (settlement.settle === 'revoke') {
          this.#events.emit({ type: 'refresh_dropped', grant, why: 'disconnected' })
          await this.#endpoint.revoke(verdict.answer.accessToken)
          return { seen }
        }
        if (settlement.why === 'stored') return { pair }
        this.#events.emit({ type: 'refresh_dropped', grant, why: settlement.why })
        return { seen }
      } catch {
        // The store is down, or its record unreadable: this pair is the only live one, so keep trying while the process lives.
        seen = null
        if (!delayed) this.#events.emit({ type: 'commit_delayed', grant })
        delayed = true
        await this.#clock.wait(commitEveryMs)
      }
    }
  }

  /** Writes what a verdict without a pair means, and throws what callers should know; or says that the record moved on. */
  async #settleFailure (ref: GrantRef, first: Seen, consumed: Consumed, verdict: Exclude<Verdict, { kind: 'ok' }>): Promise<{ seen: Seen }> {
    const now = this.#clock.now()
    const { provedAt } = this.#breaker
    this.#trip(ref, verdict, now)
    for (let seen = first; ;) {
      const settlement = settle(seen.record, consumed, verdict, { now, provedAt })
      if (settlement.settle !== 'write') return { seen }
      const written = await this.#table.replace(ref, seen, settlement.next, now)
      seen = written.seen
      if (!written.ok) continue
      const grant = this.#events.fingerprint(ref)
      const next = settlement.next
      if (next.status === 'rejected') this.#events.emit({ type: 'rejected', grant, reason: next.reason })
      else if (verdict.kind !== 'rejected') this.#events.emit({ type: 'refresh_failed', grant, verdict: verdict.kind })
      // A tombstone and a doubt are told by the next look at the record; the rest by the verdict.
      if (next.status === 'active' && next.doubt === null) throw errorFor(verdict, next, now)
      return { seen }
    }
  }

  #trip (ref: GrantRef, verdict: Verdict, now: number): void {
    const wasOpen = this.#breaker.isOpen
    if (verdict.kind === 'suspect') this.#breaker.suspected(nameOf(ref), now)
    if (verdict.kind === 'config') this.#breaker.misconfigured(now)
    if (!wasOpen && this.#breaker.isOpen) this.#events.emit({ type: 'breaker_opened' })
  }

  #proved (): void {
    const wasOpen = this.#breaker.isOpen
    this.#breaker.proved(this.#clock.now())
    if (wasOpen) this.#events.emit({ type: 'breaker_closed' })
  }
}

function claimIdOf ({ record }: Seen): string | null {
  return record?.status === 'active' ? record.claim?.id ?? null : null
}

function isClaimed (record: ActiveGrant): record is Claimed['record'] {
  return record.pair.refreshToken !== null && record.claim !== null
}

function nameOf (ref: GrantRef): string {
  return JSON.stringify([ref.userId, ref.teamId])
}

function errorFor (verdict: Verdict, record: ActiveGrant, now: number): MiroError {
  if (verdict.kind === 'config') {
    return verdict.secret ? new ConfigError('Miro refuses the app\'s client id or client secret.') : new BadResponseError()
  }
  return new UnavailableError({ retryAfterMs: (record.notBefore ?? now) - now })
}
