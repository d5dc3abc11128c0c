import { onAbort } from '../../on-abort.js'

/** A call in the line. */
export interface Waiter {
  /** The lower ones go first, also where they join later. */
  ticket: number
  signal?: AbortSignal | undefined
}

/** Calls that wait, in the order of their tickets. */
export class WaitingLine<Call extends Waiter> {
  readonly #places: Array<{ call: Call, go: () => void }> = []

  get size (): number {
    return this.#places.length
  }

  /**
   * Resolves when the call may go.
   *
   * @param onLeft called when a call's signal took it out of the line
   * @throws the signal's reason
   */
  join (call: Call, onLeft: () => void): Promise<void> {
    const { signal, ticket } = call
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      const place = { call, go: resolve }
      const leave = (): void => {
        this.#places.splice(this.#places.indexOf(place), 1)
        reject(signal?.reason)
        onLeft()
      }
      const stopListening = signal === undefined ? () => {} : onAbort(signal, leave)
      place.go = () => {
        stopListening()
        resolve()
      }
      const index = this.#places.findIndex((other) => other.call.ticket > ticket)
      this.#places.splice(index === -1 ? this.#places.length : index, 0, place)
    })
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
}
