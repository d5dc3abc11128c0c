const leastMs = 50
const longestMs = 1000
const assumedMs = 100
const mostSeen = 8

/**
 * How long a refresh takes: the shortest of the last eight that this process has seen, its own and those that it waited
 * for. A busy process sees some that take longer; one that waited for as long as they did would keep its callers.
 */
export class UsualDuration {
  #seen: readonly number[] = [assumedMs]

  get ms (): number {
    return Math.min(...this.#seen)
  }

  note (ms: number): void {
    // A store whose ages are no numbers must not have this process read without a pause.
    if (!Number.isFinite(ms)) return
    this.#seen = [...this.#seen.slice(1 - mostSeen), Math.min(Math.max(leastMs, ms), longestMs)]
  }
}
