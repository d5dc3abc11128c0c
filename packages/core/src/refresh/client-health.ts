import { startStopwatch, type Clock } from '../clock.js'

/** How many grants must be refused unclearly, with no success between, before the app itself is suspected. */
const unclearGrantsToSuspect = 2
const unclearGrantsToOpen = 3
/** Pauses between two probes. A probe that is refused doubles the pause, up to the longest. */
const probeEveryMs = { first: 1000, longest: 30_000 } as const
/** How many grants with trouble of their own are remembered. */
const mostOwnTrouble = 10_000
/** A caller waits for the next probe if it is this close. */
const worthWaitingMs = 4000

/**
 * Whether a refresh may be sent now. `worthWaiting`: the answer of a probe is near, so wait for it instead of failing.
 */
export type Admission = { admitted: true, end: () => void } | { admitted: false, worthWaiting: boolean }

const unlimited: Admission = { admitted: true, end: () => {} }

/** What the token endpoint did instead of answering, for `cause` and events. It holds no byte of the answer. */
export interface EndpointFailure {
  /** The HTTP status, such as 503; `null`: there was no answer. */
  status: number | null
  /** The code of the network error, such as `ECONNRESET`; `null`: there is none. */
  errorCode: string | null
}

/** The open circuit breaker. */
interface OpenBreaker {
  probeAt: number
  pauseMs: number
  isProbing: boolean
}

/**
 * Whether Miro refuses the app itself, as with a wrong client secret: a circuit breaker for this process.
 *
 * It opens when Miro names the app, or when three grants are refused unclearly with no success between. Open, it admits
 * one probe at a time. A grant that was refused rests in its record, so the next probe is for another grant; on a mere
 * suspicion it goes out at once. A success that was sent after the trouble began closes the breaker.
 */
export class ClientHealth {
  readonly #clock: Clock
  readonly #onChange: (isOpen: boolean) => void
  /** Refused unclearly with no success since: the more there are, the likelier the app is to blame. */
  readonly #unclearGrants = new Set<string>()
  /** Refused unclearly before a success: the app was not to blame, so a further refusal says nothing about it. */
  readonly #ownTrouble = new Set<string>()
  #open: OpenBreaker | null = null
  #troubledAt = 0
  #sinceWorkedMs = (): number => Infinity
  #sinceRecoveredMs = (): number => Infinity
  #failure: EndpointFailure | null = null

  constructor (clock: Clock, onChange: (isOpen: boolean) => void = () => {}) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Whether the circuit breaker is open. */
  get isRefused (): boolean {
    return this.#open !== null
  }

  /**
   * Whether a refusal now may be the app's fault: several grants were refused, or the app by name, with no success
   * since.
   */
  get isInDoubt (): boolean {
    return this.#open !== null || this.#unclearGrants.size >= unclearGrantsToSuspect
  }

  /** What the token endpoint did last instead of answering; `null`: it answers. */
  get failure (): EndpointFailure | null {
    return this.#failure
  }

  /** Asks to send one refresh. Call `end` when its answer was noted. */
  admit (): Admission {
    const open = this.#open
    if (open === null) return unlimited
    const waitMs = this.retryAfterMs
    if (open.isProbing || waitMs > 0) {
      return {
        admitted: false,
        worthWaiting: open.isProbing || waitMs <= worthWaitingMs
      }
    }
    open.isProbing = true
    return { admitted: true, end: () => { open.isProbing = false } }
  }

  /** Milliseconds until the next probe. A longer wait than is ever set comes from a clock that was put back. */
  get retryAfterMs (): number {
    const now = this.#clock.now()
    const waitMs = (this.#open?.probeAt ?? now) - now
    return waitMs > probeEveryMs.longest ? 0 : Math.max(0, waitMs)
  }

  /**
   * Notes that a refresh or a code exchange succeeded. The instant of the request counts: an answer that comes late
   * says nothing about a secret that was changed meanwhile.
   */
  worked (sentAt: number): void {
    this.#failure = null
    this.#noteSecretWorked(sentAt)
    if (sentAt < this.#troubledAt) return
    if (this.isInDoubt) this.#sinceRecoveredMs = startStopwatch(this.#clock)
    if (this.#ownTrouble.size > mostOwnTrouble) this.#ownTrouble.clear()
    for (const grant of this.#unclearGrants) this.#ownTrouble.add(grant)
    this.#unclearGrants.clear()
    this.#setOpen(null)
  }

  /** Notes that a grant was refused unclearly. */
  refusedUnclearly (grant: string): void {
    this.#failure = null
    this.#troubledAt = this.#clock.now()
    if (!this.#ownTrouble.has(grant)) this.#unclearGrants.add(grant)
    if (this.#open !== null) this.#putOff(2 * this.#open.pauseMs)
    else if (this.#unclearGrants.size >= unclearGrantsToOpen) {
      this.#setOpen({ probeAt: this.#clock.now(), pauseMs: probeEveryMs.first / 2, isProbing: false })
    }
  }

  /** Notes that Miro refused the app by name, or that the way to Miro is set up wrongly. */
  misconfigured (): void {
    this.#failure = null
    this.#troubledAt = this.#clock.now()
    if (this.#open === null) this.#setOpen({ probeAt: 0, pauseMs: 0, isProbing: false })
    this.#putOff(probeEveryMs.longest)
  }

  /** Notes that the token endpoint gave no useful answer. */
  unanswered (failure: EndpointFailure): void {
    this.#failure = failure
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

  /** Whether the app was in doubt and recovered since a record of this age was written. */
  recoveredSince (recordAgeMs: number): boolean {
    return this.#sinceRecoveredMs() < recordAgeMs
  }

  #noteSecretWorked (sentAt: number): void {
    const ageMs = Math.max(0, this.#clock.now() - sentAt)
    if (ageMs >= this.#sinceWorkedMs()) return
    const elapsedMs = startStopwatch(this.#clock)
    this.#sinceWorkedMs = () => ageMs + elapsedMs()
  }

  #putOff (pauseMs: number): void {
    if (this.#open === null) return
    const now = this.#clock.now()
    // A probe that is already due later is not put off further by the failures of others.
    if (this.#open.probeAt > now && !this.#open.isProbing) return
    this.#open.pauseMs = Math.min(pauseMs, probeEveryMs.longest)
    this.#open.probeAt = now + this.#open.pauseMs
  }

  #setOpen (open: OpenBreaker | null): void {
    const wasRefused = this.isRefused
    this.#open = open
    if (wasRefused !== this.isRefused) this.#onChange(this.isRefused)
  }
}
