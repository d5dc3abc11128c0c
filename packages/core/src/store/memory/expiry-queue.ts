interface Expiring {
  expiresAt: number | null
  isDeleted: boolean
}

interface Item<T> {
  at: number
  value: T
}

/**
 * Gives values in the order in which they expire: a binary heap. A value whose expiry changed stands in it twice, and
 * the outdated place is passed over when it comes up.
 */
export class ExpiryQueue<T extends Expiring> {
  #heap: Array<Item<T>> = []
  #rebuildAt = 1000

  add (value: T): void {
    if (value.expiresAt === null) return
    // Clears outdated places before they are in the majority.
    if (this.#heap.length >= this.#rebuildAt) this.#rebuild()
    this.#push({ at: value.expiresAt, value })
  }

  /** Takes out a value that expired by `now`. */
  takeExpired (now: number): T | null {
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#pop()
      if (isCurrent(first)) return first.value
    }
    return null
  }

  #rebuild (): void {
    const current = this.#heap.filter(isCurrent)
    this.#heap = []
    this.#rebuildAt = 2 * current.length + 1000
    for (const item of current) this.#push(item)
  }

  #push (item: Item<T>): void {
    let index = this.#heap.push(item) - 1
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (!this.#swapIfLater(parent, index)) return
      index = parent
    }
  }

  #pop (): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    for (let index = 0; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2]
      const earlier = this.#at(right) < this.#at(left) ? right : left
      if (!this.#swapIfLater(index, earlier)) return
      index = earlier
    }
  }

  #at (index: number): number {
    return this.#heap[index]?.at ?? Infinity
  }

  /** Swaps two items if the first expires later. */
  #swapIfLater (first: number, second: number): boolean {
    const [one, other] = [this.#heap[first], this.#heap[second]]
    if (one === undefined || other === undefined || one.at <= other.at) return false
    this.#heap[first] = other
    this.#heap[second] = one
    return true
  }
}

function isCurrent<T extends Expiring> ({ at, value }: Item<T>): boolean {
  return !value.isDeleted && value.expiresAt === at
}
