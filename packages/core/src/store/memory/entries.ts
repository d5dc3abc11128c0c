import type { Entry, ScanQuery } from '../store.js'
import { ExpiryQueue } from './expiry-queue.js'

/** An entry with its version. */
export interface MemoryEntry extends Entry {
  version: string
  writtenAt: number
}

interface Slot extends MemoryEntry {
  key: string
  /** Counts the insertions: pages follow this order. */
  place: number
  isDeleted: boolean
}

interface Kind {
  size: number
  /** Whether a live entry may be dropped when the kind is full. */
  isForgettable: boolean
  expiries: ExpiryQueue<Slot>
}

/** Short-lived records that strangers can make, and that do no harm when they are forgotten. */
const forgettable = new Set(['miro:flow'])

/** How many entries a page looks at, at most: a page may be short, and must not hold up the process. */
const longestLook = 10_000

/** The entries of a memory store, bounded per kind. */
export class MemoryEntries {
  readonly #limit: number
  readonly #slots = new Map<string, Slot>()
  readonly #kinds = new Map<string, Kind>()
  /** In the order of insertion, so that a page begins where the last one ended without sorting anything. */
  #inOrder: Slot[] = []
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
    if (slot === undefined) return this.#insert(key, entry, kind)
    const isMoved = slot.expiresAt !== entry.expiresAt
    Object.assign(slot, entry)
    if (isMoved) kind.expiries.add(slot)
  }

  delete (key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#slots.delete(key)
    slot.isDeleted = true
    this.#kindOf(key).size--
    if (this.#inOrder.length > 2 * this.#slots.size + 1000) {
      this.#inOrder = this.#inOrder.filter((
        { isDeleted }
      ) => !isDeleted)
    }
  }

  /** A page of keys. The cursor is the place of the last entry that was looked at. */
  page ({ prefix, expiresBefore, cursor = '0', limit }: ScanQuery, now: number): { keys: string[], cursor?: string } {
    const keys: string[] = []
    const first = this.#firstAfter(Number(cursor))
    for (let index = first; index < this.#inOrder.length; index++) {
      const slot = this.#inOrder[index]
      if (slot === undefined) break
      if (isFound(slot, { prefix, expiresBefore, now })) keys.push(slot.key)
      if (keys.length === limit || index - first === longestLook) return { keys, cursor: String(slot.place) }
    }
    return { keys }
  }

  #insert (key: string, entry: MemoryEntry, kind: Kind): void {
    this.#deleteExpired(kind, entry.writtenAt)
    if (kind.size >= this.#limit && !this.#makeRoom(kind)) throw new Error('The memory store is full.')
    const slot: Slot = { ...entry, key, place: this.#nextPlace++, isDeleted: false }
    this.#slots.set(key, slot)
    this.#inOrder.push(slot)
    kind.expiries.add(slot)
    kind.size++
  }

  /** Drops the entry of a forgettable kind that expires first. */
  #makeRoom ({ expiries, isForgettable }: Kind): boolean {
    const first = isForgettable ? expiries.takeExpired(Infinity) : null
    if (first !== null) this.delete(first.key)
    return first !== null
  }

  #deleteExpired ({ expiries }: Kind, now: number): void {
    for (let slot = expiries.takeExpired(now); slot !== null; slot = expiries.takeExpired(now)) this.delete(slot.key)
  }

  /** The kind of `miro:grant:…` is `miro:grant`. */
  #kindOf (key: string): Kind {
    const end = key.indexOf(':', key.indexOf(':') + 1)
    const name = end === -1 ? key : key.slice(0, end)
    const kind = this.#kinds.get(name) ?? {
      size: 0,
      isForgettable: forgettable.has(name),
      expiries: new ExpiryQueue<Slot>()
    }
    this.#kinds.set(name, kind)
    return kind
  }

  /** Binary search: the index of the first entry behind a place. */
  #firstAfter (place: number): number {
    let low = 0
    let high = this.#inOrder.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#inOrder[middle]?.place ?? 0) <= place) low = middle + 1
      else high = middle
    }
    return low
  }
}

export function isExpired ({ expiresAt }: Entry, now: number): boolean {
  return expiresAt !== null && expiresAt <= now
}

function isFound (slot: Slot, { prefix, expiresBefore, now }: Pick<ScanQuery, 'prefix' | 'expiresBefore'> & { now: number }): boolean {
  if (slot.isDeleted || isExpired(slot, now) || !slot.key.startsWith(prefix)) return false
  return expiresBefore === null || (slot.expiresAt !== null && slot.expiresAt < expiresBefore)
}
