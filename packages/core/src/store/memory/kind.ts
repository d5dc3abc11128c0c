import type { Entry } from '../store.js'
import { ExpiryOrder, searchFirst } from './expiry-order.js'

/** An entry with its version. */
export interface MemoryEntry extends Entry {
  version: string
  writtenAt: number
}

/** An entry with its key. */
export interface Slot extends MemoryEntry {
  key: string
  /** Counts the insertions: pages of all entries follow this order. */
  place: number
  isDeleted: boolean
}

/** Short-lived records that strangers can make, and that do no harm when they are forgotten. */
const forgettable = new Set(['miro:flow'])

/** The entries of one kind. */
export class Kind {
  /** Counts the kinds: pages of several follow this order. */
  readonly number: number
  /** Whether a live entry may be dropped when the kind is full. */
  readonly isForgettable: boolean
  readonly #expiries = new ExpiryOrder<Slot>()
  /** In the order of insertion, so that a page begins where the last one ended without sorting anything. */
  #slots: Slot[] = []
  #size = 0

  constructor (name: string, number: number) {
    this.number = number
    this.isForgettable = forgettable.has(name)
  }

  get size (): number {
    return this.#size
  }

  /** The slot that expires first, expired or not. */
  get first (): Slot | undefined {
    return this.#expiries.first()
  }

  add (slot: Slot): void {
    this.#slots.push(slot)
    this.#expiries.add(slot)
    this.#size++
  }

  update (slot: Slot, entry: MemoryEntry): void {
    const isMoved = slot.expiresAt !== entry.expiresAt
    if (isMoved) this.#expiries.remove(slot)
    Object.assign(slot, entry)
    if (isMoved) this.#expiries.add(slot)
  }

  remove (slot: Slot): void {
    slot.isDeleted = true
    this.#expiries.remove(slot)
    this.#size--
    if (this.#slots.length > 2 * this.#size + 1000) this.#slots = this.#slots.filter(({ isDeleted }) => !isDeleted)
  }

  /** All slots, deleted ones among them, from the one that was inserted after `place`. */
  * insertedAfter (place: number): Generator<Slot> {
    const from = searchFirst(this.#slots.length, (index) => (this.#slots[index]?.place ?? 0) > place)
    for (let index = from; index < this.#slots.length; index++) yield this.#slots[index] as Slot
  }

  /** The slots that expire before an instant, in that order, from the one behind a place. */
  * expiringBefore (instant: number, from: { at: number, place: number }): Generator<Slot> {
    for (const slot of this.#expiries.behind(from)) {
      if (slot.expiresAt === null || slot.expiresAt >= instant) return
      yield slot
    }
  }
}
