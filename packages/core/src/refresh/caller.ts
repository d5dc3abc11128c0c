/** A caller, who may leave before the work is done. The signal of that is made for work that has to wait. */
export class Caller {
  #leaving: AbortController | undefined
  #hasLeft = false

  get gone (): AbortSignal {
    this.#leaving ??= new AbortController()
    if (this.#hasLeft) this.leave()
    return this.#leaving.signal
  }

  leave (): void {
    this.#hasLeft = true
    this.#leaving?.abort(null)
  }
}
