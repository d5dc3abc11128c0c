import type { Entry, ScanQuery } from '../store.js'
import { Kind, type MemoryEntry, type Slot } from './kind.js'

/** How many entries a page looks at, at most: a page may be short, and must not hold up the process. */
const longestLook = 10_000

/** How many expired entries an insert drops, at most: it must not hold up the process either. */
const mostDropped = 100

/** A page of keys, and how many entries were looked at for it. */
export interface MemoryPage {
  keys: string[]
  cursor?: string
  looked: number
}

/** The entries of a memory store, bounded per kind. */
export class MemoryEntries {
  readonly #limit: number
  readonly #slots = new Map<string, Slot>()
  readonly #kinds = new Map<string, Kind>()
  #nextPlace = 1

  constructor (limit: number) {
    this.#limit = limit
  }

  /** The entry of a key, expired or not. */
  get (key: string): MemoryEntry | undefined {
    return this.#slots.get(key)
  }

  /** @throws {Error} the key is new and its kind is full */
  set (key: string, entry: MemoryEntry): void {
    const kind = this.#kindOf(key)
    const slot = this.#slots.get(key)
    if (slot === undefined) this.#insert(key, entry, kind)
    else kind.update(slot, entry)
  }

  delete (key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#slots.delete(key)
    this.#kindOf(key).remove(slot)
  }

  /**
   * A page of keys: in the order in which they expire where the query has an instant, so that no other entry is looked
   * at; else in the order in which they were inserted.
   */
  page (query: ScanQuery, now: number): MemoryPage {
    const keys: string[] = []
    let looked = 0
    for (const [slot, cursor] of this.#walk(query, now)) {
      looked++
      if (!slot.isDeleted && !isExpired(slot, now) && slot.key.startsWith(query.prefix)) keys.push(slot.key)
      if (keys.length === query.limit || looked === longestLook) return { keys, cursor, looked }
    }
    return { keys, looked }
  }

  /** What a page looks at, each with the cursor of the page that goes on behind it. */
  * #walk ({ prefix, expiresBefore, cursor = '' }: ScanQuery, now: number): Generator<[Slot, string]> {
    const [number = 0, place = 0, at = now] = parseCursor(cursor)
    for (const kind of this.#kindsOf(prefix)) {
      if (kind.number < number) continue
      const from = kind.number === number ? { at, place } : { at: now, place: 0 }
      if (expiresBefore === null) {
        for (const slot of kind.insertedAfter(from.place)) yield [slot, `${kind.number} ${slot.place}`]
      } else {
        for (const slot of kind.expiringBefore(expiresBefore, from)) yield [slot, `${kind.number} ${slot.place} ${slot.expiresAt}`]
      }
    }
  }

  #insert (key: string, entry: MemoryEntry, kind: Kind): void {
    this.#deleteExpired(kind, entry.writtenAt)
    if (kind.size >= this.#limit && !this.#makeRoom(kind)) throw new Error('The memory store is full.')
    const slot: Slot = { ...entry, key, place: this.#nextPlace++, isDeleted: false }
    this.#slots.set(key, slot)
    kind.add(slot)
  }

  /** Drops the entry of a forgettable kind that expires first. */
  #makeRoom ({ first, isForgettable }: Kind): boolean {
    if (!isForgettable || first === undefined) return false
    this.delete(first.key)
    return true
  }

  #deleteExpired (kind: Kind, now: number): void {
    for (let dropped = 0; dropped < mostDropped; dropped++) {
      const { first } = kind
      if (first === undefined || !isExpired(first, now)) return
      this.delete(first.key)
    }
  }

  #kindOf (key: string): Kind {
    const name = nameOfKind(key) ?? key
    const kind = this.#kinds.get(name) ?? new Kind(name, this.#kinds.size + 1)
    this.#kinds.set(name, kind)
    return kind
  }

  /** The kinds that may have keys with a prefix. */
  #kindsOf (prefix: string): Kind[] {
    const name = nameOfKind(prefix)
    const only = name === null ? undefined : this.#kinds.get(name)
    return name === null ? Array.from(this.#kinds.values()) : only === undefined ? [] : [only]
  }
}

/** @throws {Error} a text that {@link MemoryEntries.page} did not make: another beginning may leave entries out */
function parseCursor (cursor: string): number[] {
  const parts = cursor === '' ? [] : cursor.split(' ').map(Number)
  if (parts.some(Number.isNaN)) throw new Error('The cursor is of another store.')
  return parts
}

/** The kind of `miro:grant:…` is `miro:grant`; `null`: the text does not say it. */
function nameOfKind (text: string): string | null {
  const end = text.indexOf(':', text.indexOf(':') + 1)
  return end === -1 ? null : text.slice(0, end)
}

export function isExpired ({ expiresAt }: Entry, now: number): boolean {
  return expiresAt !== null && expiresAt <= now
}
