/** How many grants must be suspect, with no success between, before the app itself is suspected. */
const suspectsToOpen = 3
const probeEveryMs = 30_000

/**
 * Keeps this process from asking Miro for every grant while the app itself seems to be refused, as with a wrong secret.
 *
 * Open, it lets one refresh through every 30 seconds. A grant that was refused waits its own minutes (its doubt), so
 * these probes rotate over the grants. Any success closes it.
 */
export class Breaker {
  readonly #suspects = new Set<string>()
  #probeAt: number | null = null
  #provedAt: number | null = null

  /** When a success last proved the client secret good, in epoch milliseconds. */
  get provedAt (): number | null {
    return this.#provedAt
  }

  get isOpen (): boolean {
    return this.#probeAt !== null
  }

  /** Whether a request may be sent now; open, each `true` is one probe. */
  admit (now: number): boolean {
    if (this.#probeAt === null) return true
    if (now < this.#probeAt) return false
    this.#probeAt = now + probeEveryMs
    return true
  }

  /** Milliseconds until the next probe. */
  retryAfterMs (now: number): number {
    return Math.max(0, (this.#probeAt ?? now) - now)
  }

  /** A refresh or a code exchange succeeded. */
  proved (now: number): void {
    this.#provedAt = now
    this.#probeAt = null
    this.#suspects.clear()
  }

  /** A grant was refused unclearly. */
  suspected (key: string, now: number): void {
    this.#suspects.add(key)
    if (this.#suspects.size >= suspectsToOpen) this.#probeAt ??= now + probeEveryMs
  }

  /** The app or the way to Miro is set up wrongly. */
  misconfigured (now: number): void {
    this.#probeAt ??= now + probeEveryMs
  }
}
