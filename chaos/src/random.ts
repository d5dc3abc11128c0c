/** Pseudo-random numbers that a seed repeats (mulberry32). Not for secrets. */
export class Random {
  #state: number

  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  /** A number from 0 up to, and without, 1. */
  next (): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** True with this probability. */
  chance (probability: number): boolean {
    return this.next() < probability
  }

  between (low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** A whole number from 0 up to, and without, `end`. */
  below (end: number): number {
    return Math.floor(this.next() * end)
  }

  pick<T> (list: readonly T[]): T | undefined {
    return list[this.below(list.length)]
  }

  /** The time to the next of events that are independent of each other and `meanMs` apart on average. */
  untilNext (meanMs: number): number {
    return -Math.log(1 - this.next()) * meanMs
  }

  /** Another sequence of the same seed, for a part whose draws must not shift those of the other parts. */
  branch (): Random {
    return new Random(this.below(2 ** 32))
  }
}
