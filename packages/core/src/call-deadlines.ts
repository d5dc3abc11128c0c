import type { Clock } from './clock.js'
import { deadline } from './deadline.js'

interface PendingCall {
  startedAt: number
  reject: (error: unknown) => void
}

/**
 * Ends calls that are not answered within `ms` milliseconds. As all calls have as long, the one that began first is the
 * first to be late, and one timer serves them all: one for each call costs a third of reading from Redis.
 */
export class CallDeadlines {
  readonly #clock: Clock
  readonly #ms: number
  readonly #late: () => Error
  readonly #microtasksAtOnce: number
  /** In the order in which they began. */
  readonly #pending = new Set<PendingCall>()
  #timer: AbortController | null = null
  #willCheck = false

  /** @param options.microtasksAtOnce calls that take fewer are over before they are listed */
  constructor ({ clock, ms, late, microtasksAtOnce }: {
    clock: Clock
    ms: number
    late: () => Error
    microtasksAtOnce: number
  }) {
    this.#clock = clock
    this.#ms = ms
    this.#late = late
    this.#microtasksAtOnce = microtasksAtOnce
  }

  /** Resolves or rejects as `work` does, or rejects with the error that `late` makes. The work itself goes on. */
  async limit<T> (work: Promise<T>): Promise<T> {
    let done: { value: T } | undefined
    work.then((value) => { done = { value } }, () => {})
    for (let turn = 0; turn < this.#microtasksAtOnce; turn++) {
      await undefined
      if (done !== undefined) return done.value
    }
    return new Promise((resolve, reject) => {
      const call = this.#begin(reject)
      work.then((value) => {
        this.#end(call)
        resolve(value)
      }, (error: unknown) => {
        this.#end(call)
        reject(error)
      })
    })
  }

  #begin (reject: (error: unknown) => void): PendingCall {
    const call = { startedAt: this.#clock.monotonic(), reject }
    this.#pending.add(call)
    if (this.#timer === null) this.#checkSoon()
    return call
  }

  #end (call: PendingCall): void {
    this.#pending.delete(call)
    if (this.#pending.size === 0) this.#checkSoon()
  }

  /** Once in a turn of the event loop, when those calls are over that one turn answers. */
  #checkSoon (): void {
    if (this.#willCheck) return
    this.#willCheck = true
    setImmediate(() => {
      this.#willCheck = false
      this.#check()
    })
  }

  /** A timer that no call waits for would keep the process alive. */
  #check (): void {
    const [first] = this.#pending
    if (first === undefined) {
      this.#timer?.abort(null)
      this.#timer = null
    } else if (this.#timer === null) {
      this.#arm(first)
    }
  }

  #arm (first: PendingCall): void {
    const timer = this.#timer = new AbortController()
    const leftMs = Math.max(0, first.startedAt + this.#ms - this.#clock.monotonic())
    deadline(this.#clock, leftMs, timer.signal).then(() => {
      if (this.#timer !== timer) return
      this.#timer = null
      this.#endLate(first)
      this.#check()
    }, () => {})
  }

  /** The timer may ring a moment early: the call that it was set for is late, whatever the clock says. */
  #endLate (first: PendingCall): void {
    const now = this.#clock.monotonic()
    for (const call of this.#pending) {
      if (call !== first && call.startedAt + this.#ms > now) return
      this.#pending.delete(call)
      call.reject(this.#late())
    }
  }
}
