/** A map that forgets what was set longest ago once it is full: what strangers fill must not grow without end. */
export class BoundedMap<V> {
  readonly #limit: number
  readonly #values = new Map<string, V>()

  constructor (limit: number) {
    this.#limit = limit
  }

  get (key: string): V | undefined {
    return this.#values.get(key)
  }

  set (key: string, value: V): void {
    // Deleted first, so that it is the newest.
    this.#values.delete(key)
    const [oldest] = this.#values.size < this.#limit ? [] : this.#values.keys()
    if (oldest !== undefined) this.#values.delete(oldest)
    this.#values.set(key, value)
  }

  delete (key: string): void {
    this.#values.delete(key)
  }
}
