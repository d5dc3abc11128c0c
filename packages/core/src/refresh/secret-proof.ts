import { startStopwatch, type Clock } from '../clock.js'

/**
 * How long ago the client secret was last proved good in this process.
 *
 * An age, and no instant: it is compared with the age of a record, which another process may have written, and neither
 * clocks that differ nor one that is put back may turn an old proof into a new one.
 */
export class SecretProof {
  readonly #clock: Clock
  #ageMs = (): number => Infinity

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds since the last request was sent whose success proved the secret; Infinity if there was none. */
  get ageMs (): number {
    return this.#ageMs()
  }

  /** A refresh or a code exchange that was sent at `sentAt` succeeded. */
  note (sentAt: number): void {
    const ageMs = Math.max(0, this.#clock.now() - sentAt)
    if (ageMs >= this.#ageMs()) return
    const elapsedMs = startStopwatch(this.#clock)
    this.#ageMs = () => ageMs + elapsedMs()
  }
}
