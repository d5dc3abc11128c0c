import type { Shutdown } from '../shutdown.js'

/** One piece of work that several callers wait for. */
export interface Flight {
  /** Ends the flight when all its callers have left: a later caller begins another. Returns whether it did. */
  endIfAbandoned: () => boolean
}

/** A caller's place in a flight. */
interface Waiter<T> {
  result: Promise<T>
  leave: () => void
}

interface Entry<T> extends Flight {
  result: Promise<T>
  waiters: number
}

/** Single-flight per name: callers that come while the work runs share its result. */
export class SingleFlight<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #shutdown: Shutdown

  constructor (shutdown: Shutdown) {
    this.#shutdown = shutdown
  }

  join (name: string, work: (flight: Flight) => Promise<T>): Waiter<T> {
    const entry = this.#entries.get(name) ?? this.#begin(name, work)
    entry.waiters++
    return { result: entry.result, leave: () => { entry.waiters-- } }
  }

  #begin (name: string, work: (flight: Flight) => Promise<T>): Entry<T> {
    const end = (): void => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name)
    }
    const entry: Entry<T> = {
      waiters: 0,
      endIfAbandoned: () => {
        if (entry.waiters > 0) return false
        end()
        return true
      },
      // Begun in a later microtask, so that the first caller is counted before the work asks who waits.
      result: this.#shutdown.track(Promise.resolve().then(() => work(entry)).finally(end))
    }
    this.#entries.set(name, entry)
    return entry
  }
}
