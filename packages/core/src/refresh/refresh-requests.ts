import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { misconfigured, ReauthorizeError, StoreError, UnavailableError, type MiroError } from '../errors.js'
import type { EventSink } from '../events.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant, GrantRecord } from '../grant/grant-record.js'
import type { GrantTable, StoredGrant } from '../grant/grant-table.js'
import { hashRefreshToken } from '../grant/token-pair.js'
import type { Shutdown } from '../shutdown.js'
import { classify, type Verdict } from '../wire/classify.js'
import type { OAuthEndpoints } from '../wire/oauth-endpoints.js'
import type { Breaker } from './breaker.js'
import type { LeasedGrant, Leases } from './lease.js'
import type { Commits } from './commits.js'
import { nameOf } from './unsaved-pairs.js'
import type { SecretProof } from './secret-proof.js'
import type { Consumed, Settle } from './settlement.js'
import type { Outcome } from './usable.js'

type Failure = Exclude<Verdict, { kind: 'ok' }>

/** Pauses before the same request goes out again after a lost answer. */
const sameRequestAgainMs = [1000, 2000, 5000, 10_000, 30_000]
const settleEveryMs = 1000
const answerAfterMs = 2000

interface RefreshRequestParts {
  table: GrantTable
  endpoint: OAuthEndpoints
  leases: Leases
  commits: Commits
  breaker: Breaker
  proof: SecretProof
  events: EventSink
  clock: Clock
  leaseMs: number
  shutdown: Shutdown
  settle: Settle
}

/** What became of a lease around a pause. `failed`: the store did not take it; the lease is the last that stood. */
type Renewal = { ok: true, leased: LeasedGrant, failed: boolean } | { ok: false, stored: StoredGrant }

/** A record as it stands after a failure was settled, and what was written for that. */
interface Settled {
  stored: StoredGrant
  next: GrantRecord | null
}

/** Sends refresh requests for leased grants, and sees to it that whatever comes of them is written down. */
export class RefreshRequests {
  readonly #parts: RefreshRequestParts

  constructor (parts: RefreshRequestParts) {
    this.#parts = parts
  }

  /**
   * While Miro's answer stays lost, the same request goes out again, under a renewed lease: if the lost one was never
   * acted on, nothing is lost but time.
   *
   * @param reason.forced whether a 401 of the API forced it
   * @param reason.asked whether somebody wants a token
   */
  async send (ref: GrantRef, first: LeasedGrant, { forced, asked }: { forced: boolean, asked: boolean }): Promise<Outcome> {
    const isProved = this.#parts.proof.ageMs < first.standingMs
    let leased = first
    for (let attempt = 0; ; attempt++) {
      const { record } = leased
      const { refreshToken } = record.pair
      const consumed: Consumed = {
        epoch: record.epoch, refreshTokenHash: hashRefreshToken(refreshToken), refreshToken, leaseId: record.lease.id, forced, asked, sentAt: this.#parts.clock.now()
      }
      const verdict = classify(await this.#parts.endpoint.refresh(refreshToken), this.#parts.clock.now())
      if (verdict.kind === 'ok') return this.#parts.commits.commit(ref, leased, consumed, verdict)
      const pauseMs = sameRequestAgainMs[attempt]
      if (verdict.kind !== 'ambiguous' || pauseMs === undefined) return this.#settle(ref, leased.stored, consumed, { verdict, isProved })
      const renewed = await this.#renewAround(ref, leased, pauseMs)
      if (!renewed.ok) return { stored: renewed.stored }
      leased = renewed.leased
      if (renewed.failed || this.#parts.shutdown.closing.aborted) {
        return this.#settle(ref, leased.stored, { ...consumed, leaseId: leased.record.lease.id }, { verdict, isProved })
      }
    }
  }

  /** Notes the lost answer at once, and starts the lease anew when the pause is over. */
  async #renewAround (ref: GrantRef, leased: LeasedGrant, pauseMs: number): Promise<Renewal> {
    let standing = leased
    try {
      const noted = await this.#parts.leases.renew(ref, leased)
      if (!noted.ok) return noted
      standing = noted.leased
      await this.#parts.clock.wait(pauseMs, this.#parts.shutdown.closing)
      const renewed = await this.#parts.leases.renew(ref, standing)
      return renewed.ok ? { ...renewed, failed: false } : renewed
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      return { ok: true, leased: standing, failed: true }
    }
  }

  /** Writes down what a verdict without a pair means. Callers wait for that two seconds at most. */
  async #settle (ref: GrantRef, stored: StoredGrant, consumed: Consumed, { verdict, isProved }: { verdict: Failure, isProved: boolean }): Promise<Outcome> {
    const now = this.#parts.clock.now()
    if (verdict.kind === 'unclear') this.#parts.breaker.refusedUnclearly(nameOf(ref), now)
    if (verdict.kind === 'config') this.#parts.breaker.misconfigured(now)
    const settled = this.#parts.shutdown.track(this.#settleWhileClaimed(ref, stored, consumed, verdict, { now, isProved }))
    const late = (): MiroError => errorFor(verdict, null, now)
    const { next, ...outcome } = await withDeadline(settled, { clock: this.#parts.clock, ms: answerAfterMs, late })
    // A tombstone and a doubt are told by the next look at the record, the rest by the verdict.
    return next?.status === 'active' && next.unclear === null
      ? { failed: { error: errorFor(verdict, next, now), isEverybodys: isEverybodys(verdict) } }
      : outcome
  }

  /** Once a second while the store is down: a lease that stands for nothing would hold up everybody for a lease. */
  async #settleWhileClaimed (ref: GrantRef, first: StoredGrant, consumed: Consumed, verdict: Failure, at: { now: number, isProved: boolean }): Promise<Settled> {
    let stored: StoredGrant | null = first
    for (;;) {
      try {
        stored ??= await this.#parts.table.read(ref)
        const settlement = this.#parts.settle(stored.record, consumed, verdict, at)
        if (settlement.settle !== 'write') return { stored, next: null }
        const written = await this.#parts.table.replace(ref, stored, settlement.next)
        stored = written.stored
        if (!written.ok) continue
        this.#tell(ref, settlement.next, verdict)
        return { stored, next: settlement.next }
      } catch (error) {
        if (this.#parts.shutdown.over.aborted || this.#parts.clock.now() - at.now > this.#parts.leaseMs) throw error
        stored = null
        await this.#parts.clock.wait(settleEveryMs, this.#parts.shutdown.over)
      }
    }
  }

  #tell (ref: GrantRef, next: GrantRecord, verdict: Failure): void {
    const grant = this.#parts.events.fingerprint(ref)
    if (next.status === 'rejected') this.#parts.events.emit({ type: 'rejected', grant, reason: next.reason })
    else if (verdict.kind !== 'rejected') this.#parts.events.emit({ type: 'refresh_failed', grant, verdict: verdict.kind })
  }
}

/** A lost answer may be this one grant's own trouble; what the app is to blame for, the breaker holds back. */
function isEverybodys ({ kind }: Failure): boolean {
  return kind === 'not-sent' || kind === 'throttled'
}

function errorFor (verdict: Failure, record: ActiveGrant | null, now: number): MiroError {
  switch (verdict.kind) {
    case 'rejected': return new ReauthorizeError('refused')
    case 'unclear': return new ReauthorizeError('unclear')
    case 'config': return misconfigured(verdict)
    default: return new UnavailableError({ retryAfterMs: (record?.notBefore ?? now) - now })
  }
}
