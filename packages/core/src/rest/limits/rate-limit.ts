import type { Clock } from '../../clock.js'
import { creditsOf, pauseAfterMs, type AnswerHead } from './pause.js'
import { WaitingLine } from './waiting-line.js'

/** What is told of a limit, less whose it is. */
export type RateLimitEvent =
  | { type: 'rate_limited', waitMs: number, limit: number | null }
  | { type: 'rate_limit_waited', waitedMs: number, calls: number }

/** What a {@link RateLimit} works with. */
export interface RateLimitParts {
  clock: Clock
  /** From 0 to 1. */
  jitter: () => number
  emit: (event: RateLimitEvent) => void
}

/** How one call waits. */
export interface Waiting {
  signal?: AbortSignal | undefined
  /** How long it may wait in all. */
  maxWaitMs: number
  /** Whether it can be sent again after a 429. */
  isRepeatable?: boolean
  /** The error where a call may not wait as long as it would have to, or too many wait already. */
  refuse: (retryAfterMs: number) => Error
}

/** What came of sending; `head` is `null` where there was no answer. */
interface Sent<Answer> { answer: Answer, head: AnswerHead | null }

/** How many calls of a grant may wait: they hold their bodies in memory. */
const mostWaiting = 1000

interface Call extends Waiting {
  ticket: number
  waitedMs: number
}

/**
 * Miro's rate limit of one grant: after a 429, calls wait until the reset, in the order in which they came. Then one
 * of them goes ahead, and the others follow when Miro has answered it, so that a limit which still holds is met once.
 */
export class RateLimit {
  readonly #parts: RateLimitParts
  readonly #line = new WaitingLine<Call>()
  /** Until when nothing is sent, by the monotonic clock. */
  #pause: { since: number, until: number } | null = null
  /** How many answers in a row said 429. */
  #round = 0
  #first: Call | null = null
  #timer: AbortController | null = null
  #tickets = 0
  #calls = 0

  constructor (parts: RateLimitParts) {
    this.#parts = parts
  }

  /** Whether nothing must be remembered of it. */
  get isIdle (): boolean {
    return this.#calls === 0 && this.#leftMs() === 0
  }

  /**
   * Sends when the grant may, and again after a 429. Returns that 429 where the call must not wait for it.
   *
   * @throws what `refuse` makes, what `send` throws, and the signal's reason
   */
  async run<Answer> (send: () => Promise<Sent<Answer>>, waiting: Waiting): Promise<Answer> {
    const call: Call = { ...waiting, ticket: ++this.#tickets, waitedMs: 0 }
    this.#calls++
    try {
      for (;;) {
        await this.#enter(call)
        const { answer, head } = await send()
        if (head !== null) this.#heard(head)
        const isOver = head?.status !== 429 || call.isRepeatable === false || !this.#mayWait(call)
        this.#leave(call)
        if (isOver) return answer
      }
    } finally {
      this.#leave(call)
      this.#calls--
    }
  }

  async #enter (call: Call): Promise<void> {
    if (this.#leftMs() === 0 && this.#line.size === 0 && this.#first === null) return
    if (!this.#mayWait(call)) throw call.refuse(this.#leftMs())
    const since = this.#parts.clock.monotonic()
    await this.#inLine(call)
    call.waitedMs += this.#parts.clock.monotonic() - since
  }

  #mayWait (call: Call): boolean {
    return call.waitedMs + this.#leftMs() <= call.maxWaitMs && this.#line.size < mostWaiting
  }

  #inLine (call: Call): Promise<void> {
    const admitted = this.#line.join(call, () => {
      // A timer that nothing waits for would keep the process alive.
      if (this.#line.size === 0) this.#timer?.abort(null)
    })
    this.#startTimer()
    return admitted
  }

  #startTimer (): void {
    if (this.#timer !== null || this.#first !== null) return
    const timer = this.#timer = new AbortController()
    this.#parts.clock.wait(this.#leftMs(), timer.signal).then(() => {
      this.#timer = null
      if (this.#line.size === 0) return
      if (this.#leftMs() > 0) return this.#startTimer()
      this.#letFirst()
    }, () => {})
  }

  #letFirst (): void {
    const { clock, emit } = this.#parts
    const waitedMs = Math.round(clock.monotonic() - (this.#pause?.since ?? clock.monotonic()))
    emit({ type: 'rate_limit_waited', waitedMs, calls: this.#line.size })
    this.#pause = null
    this.#first = this.#line.letFirst()
  }

  #heard (head: AnswerHead): void {
    const { clock, jitter, emit } = this.#parts
    const now = clock.monotonic()
    const isNew = this.#leftMs() === 0
    // Answers to what was sent before the pause tell nothing of the time after it.
    if (isNew) this.#round = head.status === 429 ? this.#round + 1 : 0
    const round = Math.max(0, this.#round - 1)
    const ms = pauseAfterMs(head, { now: clock.now(), round, jitter: jitter() })
    if (ms === null) return
    const { since, until } = isNew || this.#pause === null ? { since: now, until: now } : this.#pause
    this.#pause = { since, until: Math.max(until, now + ms) }
    if (isNew) emit({ type: 'rate_limited', waitMs: Math.round(ms), limit: creditsOf(head).limit })
  }

  /** The first call after a pause is answered, or given up: the others follow, or wait for the next reset. */
  #leave (call: Call): void {
    if (this.#first !== call) return
    this.#first = null
    if (this.#leftMs() > 0 && this.#line.size > 0) return this.#startTimer()
    this.#line.letAll()
  }

  #leftMs (): number {
    return this.#pause === null ? 0 : Math.max(0, this.#pause.until - this.#parts.clock.monotonic())
  }
}
