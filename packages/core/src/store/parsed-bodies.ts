import { BoundedMap } from '../bounded-map.js'

/** A larger cache would mostly hold records of people who do not come back. */
const defaultLimit = 1000

/** A cache of parsed bodies. A version names one body for ever, so a cached value cannot be out of date. */
export class ParsedBodies<T> {
  readonly #parsed: BoundedMap<{ version: string, value: T }>

  constructor (limit = defaultLimit) {
    this.#parsed = new BoundedMap(limit)
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
    this.#parsed.set(key, { version, value })
    return value
  }
}
