/** A larger cache would mostly hold records of people who do not come back. */
const defaultLimit = 1000

/**
 * A cache of parsed bodies. A version names one body for ever, so a cached value cannot be out of date. It is bounded:
 * the record that was parsed longest ago goes first.
 */
export class ParsedBodies<T> {
  readonly #limit: number
  readonly #parsed = new Map<string, { version: string, value: T }>()

  constructor (limit = defaultLimit) {
    this.#limit = limit
  }

  /**
   * The body of a key, parsed. All readers get the same value, so no reader may change it.
   *
   * @param parse an error that it throws is thrown, and nothing is cached
   */
  read (key: string, { version, body }: { version: string, body: string }, parse: (body: string) => T): T {
    const known = this.#parsed.get(key)
    if (known?.version === version) return known.value
    const value = parse(body)
    // Deleted first, so that it is the newest.
    this.#parsed.delete(key)
    for (const oldest of this.#parsed.keys()) {
      if (this.#parsed.size < this.#limit) break
      this.#parsed.delete(oldest)
    }
    this.#parsed.set(key, { version, value })
    return value
  }
}
