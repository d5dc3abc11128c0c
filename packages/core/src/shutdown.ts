import { setMaxListeners } from 'node:events'
import type { Clock } from './clock.js'
import { withDeadline } from './deadline.js'
import { ClosedError } from './errors.js'

/** How long this process may still begin things, and what of it is still under way. */
export class Shutdown {
  readonly #closing = new AbortController()
  readonly #over = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  constructor () {
    // Every flight that waits listens to these.
    for (const { signal } of [this.#closing, this.#over]) setMaxListeners(0, signal)
  }

  /** Aborts when nothing new may begin. */
  get closing (): AbortSignal {
    return this.#closing.signal
  }

  /** Aborts when nothing may go on. */
  get over (): AbortSignal {
    return this.#over.signal
  }

  /** Makes {@link close} wait for this work. */
  track<T> (work: Promise<T>): Promise<T> {
    this.#running.add(work)
    work.catch(() => {}).finally(() => this.#running.delete(work))
    return work
  }

  /** Begins nothing new, and resolves when all that was begun has ended, at the latest after `ms` milliseconds. */
  async close (clock: Clock, ms: number): Promise<void> {
    this.#closing.abort()
    await withDeadline(this.#drained(), { clock, ms, late: () => new ClosedError() }).catch(() => {})
    this.#over.abort()
  }

  async #drained (): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }
}
