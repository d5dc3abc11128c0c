import type { Clock } from '../../clock.js'

/** One timer, which can be set anew. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #set: { at: number, timer: AbortController } | null = null

  constructor (clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings at this instant of the monotonic clock, and no more at the one that was set before. */
  set (at: number): void {
    if (this.#set?.at === at) return
    this.stop()
    const set = this.#set = { at, timer: new AbortController() }
    this.#clock.wait(Math.max(0, at - this.#clock.monotonic()), set.timer.signal).then(() => {
      if (this.#set !== set) return
      this.#set = null
      this.#ring()
    }, () => {})
  }

  /** A timer that nothing waits for would keep the process alive. */
  stop (): void {
    this.#set?.timer.abort(null)
    this.#set = null
  }
}
