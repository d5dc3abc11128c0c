/** Work under way in this process, by name: a caller that comes while it runs shares its result. */
export class RunningWork<T> {
  readonly #running = new Map<string, Promise<T>>()

  /** The work of this name that is under way; `undefined`: there is none. */
  find (name: string): Promise<T> | undefined {
    return this.#running.get(name)
  }

  /** Begins work, or joins that of the same name. Throws what the work throws. */
  run (name: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(name)
    if (running !== undefined) return running
    const begun = work().finally(() => this.#running.delete(name))
    this.#running.set(name, begun)
    return begun
  }
}
