/** A middle and how far around it the values lie. */
export interface Spread {
  median: number
  lowest: number
  highest: number
}

/** @throws {RangeError} there is no value */
export function spreadOf (values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const lowest = sorted[0]
  const highest = sorted.at(-1)
  const below = sorted[Math.ceil(sorted.length / 2) - 1]
  const above = sorted[Math.floor(sorted.length / 2)]
  if (lowest === undefined || highest === undefined || below === undefined || above === undefined) throw new RangeError('There is nothing to sum up.')
  return { median: (below + above) / 2, lowest, highest }
}

/** The same items in an order that `seed` decides. */
export function shuffled<T> (items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  return items.map((item) => ({ item, rank: random() })).sort((a, b) => a.rank - b.rank).map(({ item }) => item)
}

/** Numbers from 0 to 1 that look random and are the same for the same seed. @see https://en.wikipedia.org/wiki/Xorshift */
function seededRandom (seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}
