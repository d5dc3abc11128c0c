import type { Shutdown } from '../shutdown.js'

/** One piece of work that several callers wait for. */
export interface Flight {
  /** Whether all callers left. If so the flight is over: whoever comes now begins another. */
  endIfAbandoned: () => boolean
}

/** A caller's seat in a flight. */
interface Seat<T> {
  result: Promise<T>
  leave: () => void
}

interface Entry<T> extends Flight {
  result: Promise<T>
  callers: number
}

/** Single flight per name: callers that come while the work runs share its result. */
export class Flights<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #shutdown: Shutdown

  constructor (shutdown: Shutdown) {
    this.#shutdown = shutdown
  }

  join (name: string, work: (flight: Flight) => Promise<T>): Seat<T> {
    const entry = this.#entries.get(name) ?? this.#begin(name, work)
    entry.callers++
    return { result: entry.result, leave: () => { entry.callers-- } }
  }

  #begin (name: string, work: (flight: Flight) => Promise<T>): Entry<T> {
    const end = (): void => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name)
    }
    const entry: Entry<T> = {
      callers: 0,
      endIfAbandoned: () => {
        if (entry.callers > 0) return false
        end()
        return true
      },
      // Begun in a later microtask, so that the caller has taken its seat before the work looks around.
      result: this.#shutdown.track(Promise.resolve().then(() => work(entry)).finally(end))
    }
    this.#entries.set(name, entry)
    return entry
  }
}
