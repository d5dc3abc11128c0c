const leastMs = 50
const longestMs = 1000
const unknownMs = 100

/**
 * How long a refresh takes, by those that this process has seen: its own, and those that it waited for. A shorter one
 * counts at once and a longer one by a quarter: a pause that is too long costs callers time, a short one costs a read.
 */
export class UsualDuration {
  #ms: number | null = null

  get ms (): number {
    return this.#ms ?? unknownMs
  }

  note (ms: number): void {
    // A store whose ages are no numbers must not have this process read without a pause.
    if (!Number.isFinite(ms)) return
    const seen = Math.min(Math.max(leastMs, ms), longestMs)
    this.#ms = this.#ms === null || seen < this.#ms ? seen : this.#ms + (seen - this.#ms) / 4
  }
}
