/** The median of some values, with an interval around it. */
export interface Spread {
  lower: number
  median: number
  upper: number
  count: number
}

/**
 * The median, with the interval that holds the median of all possible rounds in 95 of 100 runs, by order statistics: it
 * assumes no distribution. Fewer than six values hold no such interval, so that theirs is their whole range.
 *
 * @throws {RangeError} there are no values
 * @see https://en.wikipedia.org/wiki/Sign_test
 */
export function spreadOf (values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const out = ranksOutside(sorted.length)
  const { length: count } = sorted
  return { lower: at(sorted, out), median: medianOf(sorted), upper: at(sorted, count - 1 - out), count }
}

/** The largest value, for what must never be exceeded. @throws {RangeError} there are no values */
export function largestOf (values: readonly number[]): number {
  return at(values.toSorted((a, b) => b - a), 0)
}

/** The value that `share` of all values do not exceed (nearest rank). @throws {RangeError} there are no values */
export function percentileOf (values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return at(sorted, Math.max(0, Math.ceil(share * sorted.length) - 1))
}

function medianOf (sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2
  return (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle))) / 2
}

/** How many values at each end are outside, and one: each is below the true median as a coin falls (binomial). */
function ranksOutside (count: number): number {
  let probability = 0.5 ** count
  let below = probability
  let outside = 0
  while (below <= 0.025 && outside < count / 2) {
    outside++
    probability *= (count - outside + 1) / outside
    below += probability
  }
  return Math.max(0, outside - 1)
}

function at (sorted: readonly number[], index: number): number {
  const value = sorted[index]
  if (value === undefined) throw new RangeError('There are no values.')
  return value
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
