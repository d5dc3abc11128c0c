/** More would be held for people who do not come back. */
const defaultLimit = 1000

/**
 * Remembers what the bodies of records were parsed to. A version names one body for ever, so what is remembered cannot be
 * out of date. It is bounded: the record that was parsed longest ago goes first.
 */
export class ParsedBodies<T> {
  readonly #limit: number
  readonly #parsed = new Map<string, { version: string, value: T }>()

  constructor (limit = defaultLimit) {
    this.#limit = limit
  }

  /**
   * What was found under a key, parsed. All readers get the same value, so nobody may change it.
   *
   * @param parse what it throws is thrown, and nothing is remembered
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
