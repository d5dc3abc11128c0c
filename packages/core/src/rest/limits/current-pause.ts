import type { Clock } from '../../clock.js'
import { creditsOf, pauseAfterMs, type AnswerHead } from './pause.js'

/** What is told of a limit, less whose it is. */
export type RateLimitEvent =
  | { type: 'rate_limited', waitMs: number, limit: number | null }
  | { type: 'rate_limit_waited', waitedMs: number, calls: number }

/** What a rate limit works with. */
export interface RateLimitParts {
  clock: Clock
  /** From 0 to 1. */
  jitter: () => number
  emit: (event: RateLimitEvent) => void
  /** Ends all waits when the process shuts down. */
  closing?: AbortSignal | undefined
}

/** Until when a grant sends nothing, by what Miro answered. */
export class CurrentPause {
  readonly #parts: RateLimitParts
  /** By the monotonic clock. */
  #span: { since: number, until: number } | null = null
  /** How many answers in a row said 429. */
  #round = 0

  constructor (parts: RateLimitParts) {
    this.#parts = parts
  }

  get until (): number {
    return this.#span?.until ?? 0
  }

  get leftMs (): number {
    return Math.max(0, this.until - this.#parts.clock.monotonic())
  }

  /** Takes an answer in, by which the pause may begin or become longer. */
  heard (head: AnswerHead): void {
    const { clock, jitter, emit } = this.#parts
    const now = clock.monotonic()
    const isNew = this.leftMs === 0
    // Answers to what was sent before the pause tell nothing of the time after it.
    if (isNew) this.#round = head.status === 429 ? this.#round + 1 : 0
    const round = Math.max(0, this.#round - 1)
    const ms = pauseAfterMs(head, { now: clock.now(), round, jitter: jitter() })
    if (ms === null) return
    const { since, until } = isNew || this.#span === null ? { since: now, until: now } : this.#span
    this.#span = { since, until: Math.max(until, now + ms) }
    if (isNew) emit({ type: 'rate_limited', waitMs: Math.round(ms), limit: creditsOf(head).limit })
  }

  /** Ends the pause, with so many calls in the line. */
  end (calls: number): void {
    const { clock, emit } = this.#parts
    const now = clock.monotonic()
    emit({ type: 'rate_limit_waited', waitedMs: Math.round(now - (this.#span?.since ?? now)), calls })
    this.#span = null
  }
}
