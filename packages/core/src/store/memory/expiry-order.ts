/** What stands in an {@link ExpiryOrder}. */
export interface Expiring {
  /** It must not change while the value stands in the order. `null`, and NaN: never, and it stands in no order. */
  expiresAt: number | null
  /** Unique: of two that expire at one instant, the lower is first. */
  place: number
}

/** Where a value is, or was, in the order. */
export interface ExpiryPlace {
  at: number
  place: number
}

/** Values in one chunk, at most: inserting one moves those behind it in the chunk. */
const longestChunk = 128

/** Values in the order in which they expire, in sorted chunks: adding, removing and finding take logarithmic time. */
export class ExpiryOrder<T extends Expiring> {
  /** None is empty. */
  readonly #chunks: T[][] = []

  first (): T | undefined {
    return this.#chunks[0]?.[0]
  }

  add (value: T): void {
    const at = placeOf(value)
    if (at === null) return
    const number = Math.min(this.#chunkBehind(at), Math.max(0, this.#chunks.length - 1))
    const chunk = this.#chunks[number]
    if (chunk === undefined) {
      this.#chunks.push([value])
      return
    }
    chunk.splice(firstBehind(chunk, at), 0, value)
    if (chunk.length > longestChunk) this.#chunks.splice(number + 1, 0, chunk.splice(chunk.length >>> 1))
  }

  remove (value: T): void {
    const at = placeOf(value)
    if (at === null) return
    const number = this.#chunkBehind({ ...at, place: at.place - 1 })
    const chunk = this.#chunks[number]
    const index = chunk?.indexOf(value) ?? -1
    if (chunk === undefined || index === -1) return
    chunk.splice(index, 1)
    if (chunk.length === 0) this.#chunks.splice(number, 1)
  }

  /** The values behind a place. Nothing may be added or removed meanwhile. */
  * behind (at: ExpiryPlace): Generator<T> {
    const number = this.#chunkBehind(at)
    const chunk = this.#chunks[number]
    if (chunk === undefined) return
    for (let index = firstBehind(chunk, at); index < chunk.length; index++) yield chunk[index] as T
    for (let next = number + 1; next < this.#chunks.length; next++) yield * this.#chunks[next] ?? []
  }

  /** The number of the first chunk with a value behind a place. */
  #chunkBehind (at: ExpiryPlace): number {
    return searchFirst(this.#chunks.length, (number) => isBehind(this.#chunks[number]?.at(-1), at))
  }
}

function firstBehind (chunk: Expiring[], at: ExpiryPlace): number {
  return searchFirst(chunk.length, (index) => isBehind(chunk[index], at))
}

function isBehind (value: Expiring | undefined, { at, place }: ExpiryPlace): boolean {
  const expiresAt = value?.expiresAt ?? Infinity
  return expiresAt > at || (expiresAt === at && (value?.place ?? 0) > place)
}

function placeOf ({ expiresAt, place }: Expiring): ExpiryPlace | null {
  return expiresAt === null || Number.isNaN(expiresAt) ? null : { at: expiresAt, place }
}

/** Binary search: the first of `count` numbers for which a condition holds, which then holds for all that follow. */
export function searchFirst (count: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
