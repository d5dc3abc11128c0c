import { ClosedError } from '../../errors.js'
import { onAbort } from '../../on-abort.js'

/** A call in the line. */
export interface Waiter {
  /** The lower ones go first, also where they join later. */
  ticket: number
  signal?: AbortSignal | undefined
  /** Until when it waits, by the monotonic clock. */
  deadlineAt: number
}

interface Place<Call> {
  call: Call
  go: () => void
  refuse: (error: unknown) => void
}

/** Calls that wait, in the order of their tickets. */
export class WaitingLine<Call extends Waiter> {
  readonly #places: Array<Place<Call>> = []
  readonly #closing: AbortSignal | undefined

  /** @param closing empties the line, and lets no call join, when the process shuts down */
  constructor (closing?: AbortSignal) {
    this.#closing = closing
  }

  get size (): number {
    return this.#places.length
  }

  /** The deadline that is over first. */
  get deadlineAt (): number {
    return Math.min(...this.#places.map(({ call }) => call.deadlineAt))
  }

  /**
   * Resolves when the call may go.
   *
   * @param onLeft called when a signal took the call out of the line
   * @throws the reason of the call's signal, what {@link refuse} was given, and ClosedError
   */
  join (call: Call, onLeft: () => void): Promise<void> {
    const closing = this.#closing
    if (closing?.aborted === true) return Promise.reject(new ClosedError())
    return new Promise((resolve, reject) => {
      const { signal } = call
      if (signal?.aborted === true) return reject(signal.reason)
      const stops: Array<() => void> = []
      const end = (): void => { for (const stop of stops) stop() }
      const place = { call, go: () => { end(); resolve() }, refuse: (error: unknown) => { end(); reject(error) } }
      const leave = (error: unknown): void => {
        this.#places.splice(this.#places.indexOf(place), 1)
        place.refuse(error)
        onLeft()
      }
      if (signal !== undefined) stops.push(onAbort(signal, () => leave(signal.reason)))
      if (closing !== undefined) stops.push(onAbort(closing, () => leave(new ClosedError())))
      this.#insert(place)
    })
  }

  #insert (place: Place<Call>): void {
    const index = this.#places.findIndex(({ call }) => call.ticket > place.call.ticket)
    this.#places.splice(index === -1 ? this.#places.length : index, 0, place)
  }

  /** Lets the first call go, and returns it. */
  letFirst (): Call | null {
    const place = this.#places.shift()
    place?.go()
    return place?.call ?? null
  }

  letAll (): void {
    for (const { go } of this.#places.splice(0)) go()
  }

  /** Takes calls out of the line, each with an error. */
  refuse (isRefused: (call: Call) => boolean, toError: (call: Call) => Error): void {
    for (const place of this.#places.splice(0)) {
      if (isRefused(place.call)) place.refuse(toError(place.call))
      else this.#places.push(place)
    }
  }
}
