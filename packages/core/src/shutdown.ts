import { setMaxListeners } from 'node:events'
import type { Clock } from './clock.js'
import { withDeadline } from './deadline.js'
import { ClosedError } from './errors.js'

/** Whether work may still begin in this process, and the work that is still running. */
export class Shutdown {
  readonly #closing = new AbortController()
  readonly #over = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor () {
    // Every waiting flight listens to these signals.
    for (const { signal } of [this.#closing, this.#over]) setMaxListeners(0, signal)
  }

  /** Aborts when no new work may begin. */
  get closing (): AbortSignal {
    return this.#closing.signal
  }

  /** Aborts when no work may go on. */
  get over (): AbortSignal {
    return this.#over.signal
  }

  /** Makes {@link close} wait for this work. */
  track<T> (work: Promise<T>): Promise<T> {
    this.#running.add(work)
    work.catch(() => {}).finally(() => this.#running.delete(work))
    return work
  }

  /** Begins no new work, and resolves when the running work has ended, at the latest after `ms` milliseconds. */
  async close (clock: Clock, ms: number): Promise<void> {
    this.#closing.abort()
    await this.drained(clock, ms)
    this.#over.abort()
  }

  /** Resolves when the running work has ended, at the latest after `ms` milliseconds. */
  async drained (clock: Clock, ms: number): Promise<void> {
    await withDeadline(this.#allEnded(), { clock, ms, late: () => new ClosedError() }).catch(() => {})
  }

  /** Work may begin more work, such as a refresh the write of its pair. */
  async #allEnded (): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }
}
