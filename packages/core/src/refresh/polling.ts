import { startStopwatch, type Clock } from '../clock.js'
import type { StoredGrant } from '../grant/grant-table.js'
import { pollDelayMs } from './timing.js'
import type { UsualDuration } from './usual-duration.js'

/** When a process that waits while another one has the lease reads the record again. */
export class Polling {
  readonly #usual: UsualDuration
  readonly #clock: Clock
  #pausedMs = 0
  #sinceLeaseMs: (() => number) | null = null

  constructor (usual: UsualDuration, clock: Clock) {
    this.#usual = usual
    this.#clock = clock
  }

  /** The record was read with a lease. */
  sawLease ({ ageMs }: StoredGrant): void {
    this.#sinceLeaseMs ??= startStopwatch(this.#clock, ageMs)
  }

  /** The record was read with a pair that can be used. Its age says when the refresh was over. */
  sawPair ({ ageMs }: StoredGrant): void {
    if (this.#sinceLeaseMs !== null) this.#usual.note(this.#sinceLeaseMs() - ageMs)
  }

  async pause (signal: AbortSignal): Promise<void> {
    const ms = pollDelayMs(this.#pausedMs, this.#usual.ms)
    this.#pausedMs += ms
    await this.#clock.wait(ms, signal)
  }
}
