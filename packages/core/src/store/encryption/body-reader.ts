import { keyNameOf, unseal } from './sealed-body.js'
import type { KeyRing } from './key-ring.js'

/** Each takes the sealed text and the plain one: some 3 KB. */
const defaultLimit = 2000

interface Opened {
  stored: string
  body: Promise<string>
}

/** Reads bodies as they are stored. */
export class BodyReader {
  readonly #ring: KeyRing
  readonly #readsPlain: boolean
  readonly #limit: number
  readonly #opened = new Map<string, Opened>()

  constructor (ring: KeyRing, { readsPlain, limit = defaultLimit }: { readsPlain: boolean, limit?: number }) {
    this.#ring = ring
    this.#readsPlain = readsPlain
    this.#limit = limit
  }

  /** Whether a body is under the first key, or says so. */
  async isCurrent (stored: string): Promise<boolean> {
    return await keyNameOf(stored) === this.#ring.first.name
  }

  /** The plain text of a stored body. @throws {RecordError} */
  async read (recordKey: string, stored: string): Promise<string> {
    return this.#readsPlain && isPlain(stored) ? stored : unseal(stored, recordKey, this.#ring)
  }

  /**
   * The same, cached: decrypting a body takes longer than fetching it. A cached text counts for this very body under
   * this very key, so it cannot be wrong.
   */
  async recall (recordKey: string, stored: string): Promise<string> {
    const known = this.#opened.get(recordKey)
    if (known?.stored === stored) return known.body
    const opened: Opened = { stored, body: this.read(recordKey, stored) }
    this.#remember(recordKey, opened)
    opened.body.catch(() => { if (this.#opened.get(recordKey) === opened) this.#opened.delete(recordKey) })
    return opened.body
  }

  #remember (recordKey: string, opened: Opened): void {
    // Deleted first, so that it is the newest.
    this.#opened.delete(recordKey)
    for (const oldest of this.#opened.keys()) {
      if (this.#opened.size < this.#limit) break
      this.#opened.delete(oldest)
    }
    this.#opened.set(recordKey, opened)
  }
}

/** Whether a body is JSON, as every plain one is: no encrypted one is, not even a broken one. */
function isPlain (stored: string): boolean {
  try {
    JSON.parse(stored)
    return true
  } catch {
    return false
  }
}
