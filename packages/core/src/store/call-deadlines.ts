import type { Clock } from '../clock.js'
import { deadline } from '../deadline.js'
import { StoreError } from '../errors.js'
import { toStoreError } from './store-failure.js'

interface PendingCall {
  startedAt: number
  reject: (error: unknown) => void
}

/** More microtasks than a store in memory takes: its calls are over before they are listed. */
const microtasksAtOnce = 8

/** A call ends so much before a caller's own deadline of the same length: the caller is told that it was the store. */
const soonerMs = 5

/**
 * Ends calls of a store that are not answered within `ms` milliseconds.
 *
 * As all calls have as long, the one that began first is the first to be late, and one timer serves them all. It is not
 * taken back when its call is over, but then set for the oldest that is under way: under load it is set once in `ms`
 * milliseconds. Setting and taking back a timer for each call costs 4 µs, a third of reading from Redis. The process
 * does not stay alive for it.
 */
export class CallDeadlines {
  readonly #clock: Clock
  readonly #ms: number
  /** In the order in which they began. */
  readonly #pending = new Set<PendingCall>()
  #isTimerSet = false

  constructor ({ clock, ms }: { clock: Clock, ms: number }) {
    this.#clock = clock
    this.#ms = Math.max(0, ms - soonerMs)
  }

  /** Makes a call, which goes on where it is late. @throws {MiroError} */
  async limit<T> (call: () => Promise<T>): Promise<T> {
    try {
      const work = call()
      let done: { value: T } | undefined
      work.then((value) => { done = { value } }, () => {})
      for (let turn = 0; turn < microtasksAtOnce; turn++) {
        await undefined
        if (done !== undefined) return done.value
      }
      return await this.#inTime(work)
    } catch (error) {
      throw toStoreError(error)
    }
  }

  #inTime<T> (work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = this.#begin(reject)
      work.then((value) => {
        this.#pending.delete(call)
        resolve(value)
      }, (error: unknown) => {
        this.#pending.delete(call)
        reject(error)
      })
    })
  }

  #begin (reject: (error: unknown) => void): PendingCall {
    const call = { startedAt: this.#clock.monotonic(), reject }
    this.#pending.add(call)
    if (!this.#isTimerSet) this.#watch(call).catch(reject)
    return call
  }

  /** Until no call is under way when the timer rings. */
  async #watch (first: PendingCall): Promise<void> {
    this.#isTimerSet = true
    try {
      for (let next: PendingCall | undefined = first; next !== undefined; [next] = this.#pending) {
        const leftMs = Math.max(0, next.startedAt + this.#ms - this.#clock.monotonic())
        await deadline(this.#clock, leftMs, undefined, { ref: false })
        this.#endLate(next)
      }
    } finally {
      this.#isTimerSet = false
    }
  }

  /** The timer may ring a moment early: the call that it was set for is late, whatever the clock says. */
  #endLate (first: PendingCall): void {
    const now = this.#clock.monotonic()
    for (const call of this.#pending) {
      if (call !== first && call.startedAt + this.#ms > now) return
      this.#pending.delete(call)
      call.reject(new StoreError(new Error('The store did not answer in time.')))
    }
  }
}
