import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { UnavailableError } from '../errors.js'
import type { EventSink } from '../events.js'
import type { GrantRef } from '../grant/grant.js'
import type { GrantTable, StoredGrant } from '../grant/grant-table.js'
import { toTokenPair } from '../grant/token-pair.js'
import type { Shutdown } from '../shutdown.js'
import type { Verdict } from '../wire/classify.js'
import type { OAuthEndpoints } from '../wire/oauth-endpoints.js'
import type { Breaker } from './breaker.js'
import type { LeasedGrant } from './lease.js'
import type { UnsavedPair, UnsavedPairs } from './unsaved-pairs.js'
import type { SecretProof } from './secret-proof.js'
import type { Consumed, Settle } from './settlement.js'
import type { Outcome } from './usable.js'

type Success = Extract<Verdict, { kind: 'ok' }>

const againEveryMs = 1000
const serveAfterMs = 2000

interface CommitParts {
  table: GrantTable
  endpoint: OAuthEndpoints
  breaker: Breaker
  proof: SecretProof
  events: EventSink
  clock: Clock
  unsaved: UnsavedPairs
  shutdown: Shutdown
  settle: Settle
}

/** Stores the pairs that Miro gave, as long as it takes. Nothing else may run between Miro's answer and this. */
export class Commits {
  readonly #parts: CommitParts

  constructor (parts: CommitParts) {
    this.#parts = parts
  }

  /** Resolves when the pair is stored or cannot be, at the latest after two seconds: it is served from memory then. */
  async commit (ref: GrantRef, { record, stored }: LeasedGrant, consumed: Consumed, verdict: Success): Promise<Outcome> {
    const pair = toTokenPair(verdict.answer, consumed.sentAt, consumed.refreshToken)
    const unsaved: UnsavedPair = { consumed, pair, consentId: record.consentId }
    this.#parts.unsaved.keep(ref, unsaved)
    const storing = this.#parts.shutdown.track(this.#storeWhileAlive(ref, stored, unsaved, verdict))
    storing.finally(() => this.#parts.unsaved.drop(ref, unsaved)).catch(() => {})
    const late = (): UnavailableError => new UnavailableError()
    const outcome = await withDeadline(storing, { clock: this.#parts.clock, ms: serveAfterMs, late }).catch(() => null)
    return outcome ?? { usable: unsaved }
  }

  async #storeWhileAlive (ref: GrantRef, first: StoredGrant, unsaved: UnsavedPair, verdict: Success): Promise<Outcome> {
    let stored: StoredGrant | null = first
    for (let attempt = 1; !this.#parts.shutdown.over.aborted; attempt++) {
      try {
        stored ??= await this.#parts.table.read(ref)
        const outcome: Outcome | null = await this.#tryToStore(ref, stored, unsaved, verdict)
        if (outcome !== null) return outcome
        stored = null
      } catch {
        // The store is down, or its record unreadable: this pair is the only live one, so keep trying while the process lives.
        stored = null
        if (attempt === 1) this.#parts.events.emit({ type: 'commit_delayed', grant: this.#parts.events.fingerprint(ref) })
        await this.#parts.clock.wait(againEveryMs, this.#parts.shutdown.over)
      }
    }
    return { usable: unsaved }
  }

  /** One attempt. `null`: the record changed under it. */
  async #tryToStore (ref: GrantRef, stored: StoredGrant, unsaved: UnsavedPair, verdict: Success): Promise<Outcome | null> {
    const { consumed } = unsaved
    const settlement = this.#parts.settle(stored.record, consumed, verdict, { now: this.#parts.clock.now(), isProved: false })
    if (settlement.settle === 'write') {
      const written = await this.#parts.table.replace(ref, stored, settlement.next)
      if (!written.ok) return null
      const grant = this.#parts.events.fingerprint(ref)
      this.#proved(consumed)
      const late = stored.record?.status !== 'active' || stored.record.lease?.id !== consumed.leaseId
      this.#parts.events.emit({ type: 'refreshed', grant, durationMs: this.#parts.clock.now() - consumed.sentAt, late })
      return { usable: unsaved }
    }
    this.#proved(consumed)
    if (settlement.settle === 'stored') return { usable: unsaved }
    this.#parts.unsaved.drop(ref, unsaved)
    this.#parts.events.emit({ type: 'refresh_dropped', grant: this.#parts.events.fingerprint(ref), why: settlement.why })
    // Not waited for: whoever asked must learn at once that the grant is gone.
    if (settlement.why === 'disconnected') this.#parts.shutdown.track(this.#parts.endpoint.revoke(verdict.answer.accessToken))
    return { stored }
  }

  #proved ({ sentAt }: Consumed): void {
    this.#parts.breaker.proved(sentAt)
    this.#parts.proof.note(sentAt)
  }
}
