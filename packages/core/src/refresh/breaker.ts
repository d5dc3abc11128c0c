/** How many grants must be suspect, with no success between, before the app itself is suspected. */
const unclearToOpen = 3
const probeEveryMs = 30_000

/**
 * Keeps this process from asking Miro for every grant while the app itself seems to be refused, as with a wrong secret.
 *
 * Open, it lets one refresh through every 30 seconds. A grant that was refused waits its own minutes (its doubt), so
 * these probes rotate over the grants. A success that was asked for after the trouble closes it.
 */
export class Breaker {
  readonly #onChange: (isOpen: boolean) => void
  readonly #unclearGrants = new Set<string>()
  #probeAt: number | null = null
  #troubledAt = 0

  constructor (onChange: (isOpen: boolean) => void = () => {}) {
    this.#onChange = onChange
  }

  get isOpen (): boolean {
    return this.#probeAt !== null
  }

  /** Whether a request may be sent now; open, each `true` is one probe. */
  admit (now: number): boolean {
    if (this.#probeAt === null) return true
    if (this.retryAfterMs(now) > 0) return false
    this.#probeAt = now + probeEveryMs
    return true
  }

  /** Milliseconds until the next probe. A longer wait than we ever set comes from a clock that was put back. */
  retryAfterMs (now: number): number {
    const waitMs = (this.#probeAt ?? now) - now
    return waitMs > probeEveryMs ? 0 : Math.max(0, waitMs)
  }

  /**
   * A refresh or a code exchange that was sent at `sentAt` succeeded. What counts is when it was sent: an answer that
   * comes late proves nothing about a secret that was changed meanwhile.
   */
  proved (sentAt: number): void {
    if (sentAt < this.#troubledAt) return
    this.#unclearGrants.clear()
    this.#set(null)
  }

  /** A grant was refused unclearly. */
  refusedUnclearly (key: string, now: number): void {
    this.#troubledAt = now
    this.#unclearGrants.add(key)
    if (this.#unclearGrants.size >= unclearToOpen) this.#set(this.#probeAt ?? now + probeEveryMs)
  }

  /** The app or the way to Miro is set up wrongly. */
  misconfigured (now: number): void {
    this.#troubledAt = now
    this.#set(this.#probeAt ?? now + probeEveryMs)
  }

  #set (probeAt: number | null): void {
    const wasOpen = this.isOpen
    this.#probeAt = probeAt
    if (wasOpen !== this.isOpen) this.#onChange(this.isOpen)
  }
}
