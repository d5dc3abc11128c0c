/** A caller, who may leave before the work is done. The signal of that is made for work that needs one. */
export class Caller {
  #listeners: Array<() => void> = []
  #leaving: AbortController | undefined
  #hasLeft = false

  get gone (): AbortSignal {
    if (this.#leaving === undefined) {
      const leaving = this.#leaving = new AbortController()
      this.onLeave(() => leaving.abort(null))
    }
    return this.#leaving.signal
  }

  /** Calls `listener` once: when the caller leaves, which it does at the latest when the work is done. */
  onLeave (listener: () => void): void {
    if (this.#hasLeft) listener()
    else this.#listeners.push(listener)
  }

  leave (): void {
    this.#hasLeft = true
    for (const listener of this.#listeners.splice(0)) listener()
  }
}
