/** The median of some values, with their lower and upper quartile. */
export interface Spread {
  lower: number
  median: number
  upper: number
}

/** @throws {RangeError} there are no values */
export function spreadOf (values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { lower: quantile(sorted, 0.25), median: quantile(sorted, 0.5), upper: quantile(sorted, 0.75) }
}

/** Between two values it interpolates linearly. */
function quantile (sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) throw new RangeError('There are no values.')
  return below + (above - below) * (place - Math.floor(place))
}

/** Returns the items in an order that depends on `seed` alone. */
export function shuffled<T> (items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  return items.map((item) => ({ item, rank: random() })).sort((a, b) => a.rank - b.rank).map(({ item }) => item)
}

/**
 * Numbers from 0 to 1, the same for the same seed.
 *
 * @see https://en.wikipedia.org/wiki/Xorshift
 */
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
