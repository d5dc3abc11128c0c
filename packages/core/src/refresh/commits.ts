import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { UnavailableError } from '../errors.js'
import type { EventSink } from '../events.js'
import type { GrantRef } from '../grant/grant.js'
import type { GrantTable, Seen } from '../grant/grant-table.js'
import { toTokenPair } from '../grant/token-pair.js'
import type { Lifetime } from '../lifetime.js'
import type { Verdict } from '../wire/classify.js'
import type { TokenEndpoint } from '../wire/token-endpoint.js'
import type { Breaker } from './breaker.js'
import type { Claimed } from './claims.js'
import type { Held, HeldPairs } from './held-pairs.js'
import { settle, type Consumed } from './settlement.js'
import type { Outcome } from './usable.js'

type Success = Extract<Verdict, { kind: 'ok' }>

const againEveryMs = 1000
const serveAfterMs = 2000

/** Stores the pairs that Miro gave, as long as it takes. Nothing else may run between Miro's answer and this. */
export class Commits {
  readonly #table: GrantTable
  readonly #endpoint: TokenEndpoint
  readonly #breaker: Breaker
  readonly #events: EventSink
  readonly #clock: Clock
  readonly #held: HeldPairs
  readonly #lifetime: Lifetime

  constructor (parts: {
    table: GrantTable, endpoint: TokenEndpoint, breaker: Breaker, events: EventSink, clock: Clock, held: HeldPairs, lifetime: Lifetime
  }) {
    this.#table = parts.table
    this.#endpoint = parts.endpoint
    this.#breaker = parts.breaker
    this.#events = parts.events
    this.#clock = parts.clock
    this.#held = parts.held
    this.#lifetime = parts.lifetime
  }

  /** Resolves when the pair is stored or cannot be, at the latest after two seconds: it is served from memory then. */
  async commit (ref: GrantRef, { record, seen }: Claimed, consumed: Consumed, verdict: Success): Promise<Outcome> {
    const pair = toTokenPair(verdict.answer, consumed.sentAt, consumed.refreshToken)
    const held: Held = { consumed, pair, consent: record.consent }
    this.#held.keep(ref, held)
    const stored = this.#lifetime.track(this.#storeWhileAlive(ref, seen, held, verdict))
    stored.finally(() => this.#held.drop(ref, held)).catch(() => {})
    const late = (): UnavailableError => new UnavailableError()
    const outcome = await withDeadline(stored, { clock: this.#clock, ms: serveAfterMs, late }).catch(() => null)
    return outcome ?? { usable: held }
  }

  async #storeWhileAlive (ref: GrantRef, first: Seen, held: Held, verdict: Success): Promise<Outcome> {
    let seen: Seen | null = first
    for (let attempt = 1; !this.#lifetime.over.aborted; attempt++) {
      try {
        seen ??= await this.#table.read(ref)
        const outcome: Outcome | null = await this.#tryToStore(ref, seen, held, verdict)
        if (outcome !== null) return outcome
        seen = null
      } catch {
        // The store is down, or its record unreadable: this pair is the only live one, so keep trying while the process lives.
        seen = null
        if (attempt === 1) this.#events.emit({ type: 'commit_delayed', grant: this.#events.fingerprint(ref) })
        await this.#clock.wait(againEveryMs, this.#lifetime.over)
      }
    }
    return { usable: held }
  }

  /** One attempt. `null`: the record changed under it. */
  async #tryToStore (ref: GrantRef, seen: Seen, held: Held, verdict: Success): Promise<Outcome | null> {
    const { consumed } = held
    const grant = this.#events.fingerprint(ref)
    const settlement = settle(seen.record, consumed, verdict, { now: this.#clock.now(), provedAt: null })
    if (settlement.settle === 'write') {
      const written = await this.#table.replace(ref, seen, settlement.next, this.#clock.now())
      if (!written.ok) return null
      this.#breaker.proved(consumed.sentAt)
      const late = seen.record?.status !== 'active' || seen.record.claim?.id !== consumed.claimId
      this.#events.emit({ type: 'refreshed', grant, durationMs: this.#clock.now() - consumed.sentAt, late })
      return { usable: held }
    }
    this.#breaker.proved(consumed.sentAt)
    if (settlement.settle === 'leave' && settlement.why === 'stored') return { usable: held }
    this.#held.drop(ref, held)
    this.#events.emit({ type: 'refresh_dropped', grant, why: settlement.settle === 'leave' && settlement.why !== 'stored' ? settlement.why : 'disconnected' })
    // Not waited for: whoever asked must learn at once that the grant is gone.
    if (settlement.settle === 'revoke') this.#lifetime.track(this.#endpoint.revoke(verdict.answer.accessToken))
    return { seen }
  }
}
