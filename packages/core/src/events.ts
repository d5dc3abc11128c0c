import type { ReauthorizeReason } from './errors.js'
import type { GrantRef } from './grant/grant.js'

/**
 * Events for logs and counters. `grant` is a salted fingerprint: the same for one grant in every process that uses the
 * same client secret, and of no use to find out whose grant it is. No event holds a token or an id.
 */
export type MiroEvent =
  /** A code was exchanged, or tokens adopted. `replaced`: over a grant that was active. */
  | { type: 'connected', grant: string, replaced: boolean }
  /** A grant was tombstoned here; `revoked`: Miro confirmed that the pair is dead. */
  | { type: 'disconnected', grant: string, revoked: boolean }
  /**
   * A new pair is stored. `durationMs`: from the request to the commit. `late`: over a tombstone or another's lease.
   */
  | { type: 'refreshed', grant: string, durationMs: number, late: boolean }
  /**
   * A refresh request brought no pair; the grant is kept. `verdict`: how the answer was judged. `status`: its HTTP
   * status. `errorCode`: the code of the network error, such as `ECONNRESET`. `willRetry`: the same request goes out
   * again by itself.
   */
  | {
    type: 'refresh_failed'
    grant: string
    verdict: 'not-sent' | 'throttled' | 'ambiguous' | 'unclear' | 'config'
    status: number | null
    errorCode: string | null
    willRetry: boolean
  }
  /** Miro did not confirm that the pair of an ended grant is dead. It is kept, sealed, and `refreshDue` tries again. */
  | { type: 'revocation_pending', grant: string }
  /** A pair was received and discarded: the grant was disconnected, replaced or removed meanwhile. */
  | { type: 'refresh_dropped', grant: string, why: 'disconnected' | 'superseded' | 'gone' }
  /** The lease of a record expired, and this process took it over. */
  | { type: 'lease_taken_over', grant: string }
  /** A grant ended in a tombstone. */
  | { type: 'rejected', grant: string, reason: ReauthorizeReason }
  /** Miro's API refused a token that should be valid. */
  | { type: 'token_refused', grant: string }
  /**
   * Miro's rate limit of a grant is reached: its JSON calls wait for `waitMs`. `limit`: the credits of a minute, where
   * Miro says so.
   */
  | { type: 'rate_limited', grant: string, waitMs: number, limit: number | null }
  /** The wait is over, after `waitedMs`; `calls` had waited. */
  | { type: 'rate_limit_waited', grant: string, waitedMs: number, calls: number }
  /** A new pair could not be stored yet; it is served from memory, and stored when the store returns. */
  | { type: 'commit_delayed', grant: string }
  /** The circuit breaker holds refreshes back, except for probes: Miro seems to refuse the app itself. */
  | { type: 'breaker_opened' }
  | { type: 'breaker_closed' }

/** Receives every {@link MiroEvent}. An error that it throws is ignored. */
export type OnEvent = (event: MiroEvent) => void

/** An event about a grant, less the grant's fingerprint. */
type GrantEvent = MiroEvent extends infer E ? E extends { grant: string } ? Omit<E, 'grant'> : never : never

/** Hands events to the app's observer. */
export class EventSink {
  readonly #onEvent: OnEvent
  readonly #fingerprintOf: (ref: GrantRef) => string

  constructor (onEvent: OnEvent, fingerprintOf: (ref: GrantRef) => string) {
    this.#onEvent = onEvent
    this.#fingerprintOf = fingerprintOf
  }

  /** Emits an event about a grant, under the grant's fingerprint. */
  emitFor (ref: GrantRef, { type, ...fields }: GrantEvent): void {
    this.emit({ type, grant: this.#fingerprintOf(ref), ...fields } as MiroEvent)
  }

  emit (event: MiroEvent): void {
    // An error of the observer must not decide about a grant.
    try {
      const result: unknown = this.#onEvent(event)
      if (result instanceof Promise) result.catch(() => {})
    } catch {}
  }
}
