import { onBeforeExit } from './before-exit.js'
import type { Clock } from './clock.js'
import { deadline } from './deadline.js'

interface PendingCall {
  startedAt: number
  reject: (error: unknown) => void
}

interface Settings {
  clock: Clock
  /** How long each call may take. */
  ms: number
  /** Makes the error of a late call. */
  late: () => Error
  /** What is thrown for an error of a call, or for a late one. */
  toFailure: (error: unknown) => unknown
  /** Calls that take fewer are over before they are listed. */
  microtasksAtOnce: number
}

/**
 * Ends calls that are not answered within `ms` milliseconds.
 *
 * As all calls have as long, the one that began first is the first to be late, and one timer serves them all. It is not
 * taken back when its call is over, but then set for the oldest that is under way: under load it is set once in `ms`
 * milliseconds. Setting and taking back a timer for each call costs 4 µs, a third of reading from Redis. The timer
 * keeps no process alive, since it outlives its call: a process that would end while a call is under way waits for it.
 */
export class CallDeadlines {
  readonly #settings: Settings
  /** In the order in which they began. */
  readonly #pending = new Set<PendingCall>()
  #isTimerSet = false

  constructor (settings: Settings) {
    this.#settings = settings
  }

  /** Makes a call, which goes on where it is late. */
  async limit<T> (call: () => Promise<T>): Promise<T> {
    const { toFailure, microtasksAtOnce } = this.#settings
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
      throw toFailure(error)
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
    const call = { startedAt: this.#settings.clock.monotonic(), reject }
    this.#pending.add(call)
    if (!this.#isTimerSet) this.#watch(call).catch(reject)
    return call
  }

  /** Until no call is under way when the timer rings. */
  async #watch (first: PendingCall): Promise<void> {
    const { clock } = this.#settings
    this.#isTimerSet = true
    const stopListening = onBeforeExit(() => this.#stayAlive())
    try {
      for (let next: PendingCall | undefined = first; next !== undefined; [next] = this.#pending) {
        await deadline(clock, this.#leftMs(next), undefined, { ref: false })
        this.#endLate(next)
      }
    } finally {
      this.#isTimerSet = false
      stopListening()
    }
  }

  /** A call that holds no socket is late all the same: else Node would end a script in it, with exit code 13. */
  #stayAlive (): void {
    const [oldest] = this.#pending
    if (oldest !== undefined) this.#settings.clock.wait(this.#leftMs(oldest)).catch(() => {})
  }

  #leftMs ({ startedAt }: PendingCall): number {
    const { clock, ms } = this.#settings
    return Math.max(0, startedAt + ms - clock.monotonic())
  }

  /** The timer may ring a moment early: the call that it was set for is late, whatever the clock says. */
  #endLate (first: PendingCall): void {
    const { clock, ms, late } = this.#settings
    const now = clock.monotonic()
    for (const call of this.#pending) {
      if (call !== first && call.startedAt + ms > now) return
      this.#pending.delete(call)
      call.reject(late())
    }
  }
}
