import { startStopwatch, type Clock } from '../clock.js'

/** How many grants must be refused unclearly, with no success between, before the app itself counts as refused. */
const unclearGrantsToOpen = 3
const probeEveryMs = 30_000

/**
 * Whether Miro refuses the app itself, as with a wrong client secret: a circuit breaker for this process.
 *
 * Open, it lets one refresh through every 30 seconds. A grant that was refused unclearly rests for minutes, so these
 * probes rotate over the grants. A success that was sent after the trouble began closes it.
 */
export class ClientHealth {
  readonly #clock: Clock
  readonly #onChange: (isOpen: boolean) => void
  readonly #unclearGrants = new Set<string>()
  #probeAt: number | null = null
  #troubledAt = 0
  #sinceWorkedMs = (): number => Infinity

  constructor (clock: Clock, onChange: (isOpen: boolean) => void = () => {}) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Whether the circuit breaker is open. */
  get isRefused (): boolean {
    return this.#probeAt !== null
  }

  /** Whether a request may be sent now; while the breaker is open, each `true` is one probe. */
  admit (): boolean {
    if (this.#probeAt === null) return true
    if (this.retryAfterMs > 0) return false
    this.#probeAt = this.#clock.now() + probeEveryMs
    return true
  }

  /** Milliseconds until the next probe. A longer wait than is ever set comes from a clock that was put back. */
  get retryAfterMs (): number {
    const now = this.#clock.now()
    const waitMs = (this.#probeAt ?? now) - now
    return waitMs > probeEveryMs ? 0 : Math.max(0, waitMs)
  }

  /**
   * Notes that a refresh or a code exchange succeeded. The instant of the request counts: an answer that comes late says
   * nothing about a secret that was changed meanwhile.
   */
  worked (sentAt: number): void {
    this.#noteSecretWorked(sentAt)
    if (sentAt < this.#troubledAt) return
    this.#unclearGrants.clear()
    this.#setProbeAt(null)
  }

  /** Notes that a grant was refused unclearly. */
  refusedUnclearly (grant: string): void {
    this.#troubledAt = this.#clock.now()
    this.#unclearGrants.add(grant)
    if (this.#unclearGrants.size >= unclearGrantsToOpen) this.#open()
  }

  /** Notes that the app, or the way to Miro, is set up wrongly. */
  misconfigured (): void {
    this.#troubledAt = this.#clock.now()
    this.#open()
  }

  /**
   * Whether the secret worked since a record of this age was written.
   *
   * Ages are compared, and no instants: another process may have written the record, and neither clocks that differ nor
   * one that is put back may make an old success look new.
   */
  secretWorkedSince (recordAgeMs: number): boolean {
    return this.#sinceWorkedMs() < recordAgeMs
  }

  #noteSecretWorked (sentAt: number): void {
    const ageMs = Math.max(0, this.#clock.now() - sentAt)
    if (ageMs >= this.#sinceWorkedMs()) return
    const elapsedMs = startStopwatch(this.#clock)
    this.#sinceWorkedMs = () => ageMs + elapsedMs()
  }

  #open (): void {
    this.#setProbeAt(this.#probeAt ?? this.#clock.now() + probeEveryMs)
  }

  #setProbeAt (probeAt: number | null): void {
    const wasRefused = this.isRefused
    this.#probeAt = probeAt
    if (wasRefused !== this.isRefused) this.#onChange(this.isRefused)
  }
}
