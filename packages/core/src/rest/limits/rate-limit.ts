import { Alarm } from './alarm.js'
import { CurrentPause, type RateLimitParts } from './current-pause.js'
import type { AnswerHead } from './pause.js'
import { WaitingLine } from './waiting-line.js'

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

/** How long the first call after a pause may go without an answer before the others follow. */
const firstMs = 5000

interface Call extends Waiting {
  ticket: number
  deadlineAt: number
  waitedMs: number
}

/**
 * Miro's rate limit of one grant: after a 429, calls wait until the reset, in the order in which they came. Then one
 * of them goes ahead, and the others follow when Miro has answered it, so that a limit which still holds is met once.
 */
export class RateLimit {
  readonly #parts: RateLimitParts
  readonly #line: WaitingLine<Call>
  readonly #alarm: Alarm
  readonly #pause: CurrentPause
  #first: { call: Call, lateAt: number } | null = null
  #tickets = 0
  #calls = 0

  constructor (parts: RateLimitParts) {
    this.#parts = parts
    this.#pause = new CurrentPause(parts)
    this.#line = new WaitingLine(parts.closing)
    this.#alarm = new Alarm(parts.clock, () => this.#wake())
  }

  /** Whether nothing must be remembered of it. */
  get isIdle (): boolean {
    return this.#calls === 0 && this.#pause.leftMs === 0
  }

  /**
   * Sends when the grant may, and again after a 429. Returns that 429 where the call must not wait for it.
   *
   * @throws what `refuse` makes, what `send` throws, the signal's reason, and ClosedError during a shutdown
   */
  async run<Answer> (send: () => Promise<Sent<Answer>>, waiting: Waiting): Promise<Answer> {
    const call: Call = { ...waiting, ticket: ++this.#tickets, waitedMs: 0, deadlineAt: 0 }
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
    if (this.#pause.leftMs === 0 && this.#line.size === 0 && this.#first === null) return
    if (!this.#mayWait(call)) throw call.refuse(this.#pause.leftMs)
    const since = this.#parts.clock.monotonic()
    call.deadlineAt = since + call.maxWaitMs - call.waitedMs
    const admitted = this.#line.join(call, () => this.#setAlarm())
    this.#setAlarm()
    await admitted
    call.waitedMs += this.#parts.clock.monotonic() - since
  }

  #mayWait (call: Call): boolean {
    return call.waitedMs + this.#pause.leftMs <= call.maxWaitMs && this.#line.size < mostWaiting
  }

  /** For the end of the pause, or of the patience with the first call, and for the deadlines of those who wait. */
  #setAlarm (): void {
    if (this.#line.size === 0) return this.#alarm.stop()
    this.#alarm.set(Math.min(this.#first?.lateAt ?? this.#pause.until, this.#line.deadlineAt))
  }

  #wake (): void {
    const { clock } = this.#parts
    if (this.#first === null) {
      if (this.#pause.leftMs === 0) this.#letFirst()
    } else if (this.#first.lateAt <= clock.monotonic()) {
      this.#leave(this.#first.call)
    } else {
      this.#refuseBefore(clock.monotonic() + 1)
    }
    this.#setAlarm()
  }

  #letFirst (): void {
    this.#pause.end(this.#line.size)
    const call = this.#line.letFirst()
    this.#first = call === null ? null : { call, lateAt: this.#parts.clock.monotonic() + firstMs }
  }

  #heard (head: AnswerHead): void {
    this.#pause.heard(head)
    if (this.#pause.leftMs === 0) return
    this.#refuseBefore(this.#pause.until)
    this.#setAlarm()
  }

  /** Calls whose time is over by then are refused: they would wait for nothing. */
  #refuseBefore (at: number): void {
    this.#line.refuse(({ deadlineAt }) => deadlineAt < at, (call) => call.refuse(this.#pause.leftMs))
  }

  /** The first call after a pause is answered, given up or late: the others follow, or wait for the next reset. */
  #leave (call: Call): void {
    if (this.#first?.call !== call) return
    this.#first = null
    if (this.#pause.leftMs === 0) this.#line.letAll()
    this.#setAlarm()
  }
}
