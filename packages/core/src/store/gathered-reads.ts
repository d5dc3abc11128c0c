import { toStoreError } from './store-failure.js'
import type { Store, Versioned } from './store.js'

interface Reader {
  resolve: (found: Versioned | null) => void
  reject: (error: unknown) => void
}

/** What `getAll` is given at most. */
const longestList = 100

/**
 * Gathers the reads that begin in one turn of the event loop, of all requests, and has the store make one call for
 * them. They are sent at the end of the turn, when the sockets that were ready have been read: a process that is idle
 * comes to it at once. A read never joins a call that was sent, which may have read an older state.
 */
export class GatheredReads {
  readonly #get: Store['get']
  readonly #getAll: NonNullable<Store['getAll']>
  #readers = new Map<string, Reader[]>()

  constructor ({ get, getAll }: { get: Store['get'], getAll: NonNullable<Store['getAll']> }) {
    this.#get = get
    this.#getAll = getAll
  }

  get (key: string): Promise<Versioned | null> {
    return new Promise((resolve, reject) => {
      if (this.#readers.size === 0) setImmediate(() => this.#send())
      const readers = this.#readers.get(key)
      if (readers === undefined) this.#readers.set(key, [{ resolve, reject }])
      else readers.push({ resolve, reject })
    })
  }

  #send (): void {
    const all = Array.from(this.#readers)
    this.#readers = new Map()
    for (let from = 0; from < all.length; from += longestList) {
      const part = all.slice(from, from + longestList)
      this.#read(part.map(([key]) => key)).then((found) => {
        for (const [index, [, readers]] of part.entries()) for (const reader of readers) answer(reader, found[index])
      }, (error: unknown) => {
        for (const [, readers] of part) for (const { reject } of readers) reject(toStoreError(error))
      })
    }
  }

  async #read (keys: string[]): Promise<Array<Versioned | null | Error>> {
    const [key] = keys
    if (key !== undefined && keys.length === 1) return [await this.#get(key)]
    const found: unknown = await this.#getAll(keys)
    if (!Array.isArray(found)) throw new TypeError('getAll returned something other than a list.')
    return found
  }
}

function answer ({ resolve, reject }: Reader, found: Versioned | null | Error | undefined): void {
  if (found === undefined) reject(toStoreError(new Error('getAll returned fewer records than it was asked for.')))
  else if (found instanceof Error) reject(toStoreError(found))
  else resolve(found)
}
