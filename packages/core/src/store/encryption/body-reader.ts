import { ParsedBodies } from '../parsed-bodies.js'
import type { KeyRing } from './key-ring.js'
import { keyNameOf, unseal } from './sealed-body.js'

/** Each takes the sealed text and the plain one: some 3 KB. */
const defaultLimit = 2000

/** Reads bodies as they are stored. */
export class BodyReader {
  readonly #ring: KeyRing
  readonly #readsPlain: boolean
  readonly #opened: ParsedBodies<Promise<string>>

  constructor (ring: KeyRing, { readsPlain, limit = defaultLimit }: { readsPlain: boolean, limit?: number }) {
    this.#ring = ring
    this.#readsPlain = readsPlain
    this.#opened = new ParsedBodies(limit)
  }

  /** Whether a body is under the first key, or says so. */
  isCurrent (stored: string): boolean {
    return keyNameOf(stored) === this.#ring.first.name
  }

  /** What a stored body holds. @throws {RecordError} */
  async read (recordKey: string, stored: string): Promise<string> {
    return this.#readsPlain && isPlain(stored) ? stored : unseal(stored, recordKey, this.#ring)
  }

  /**
   * The same, remembered, failures too: to decrypt a body takes longer than to fetch it. What is remembered counts for this
   * very text under this very key, so it cannot be wrong.
   */
  async recall (recordKey: string, stored: string): Promise<string> {
    return this.#opened.read(recordKey, { version: stored, body: stored }, (body) => this.read(recordKey, body))
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
