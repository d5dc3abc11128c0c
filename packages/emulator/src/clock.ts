/** A clock that can be moved. */
export interface EmulatorClock {
  /** Epoch milliseconds. */
  now: () => number
  /**
   * Moves this clock, and every clock that is derived from it, by `ms` milliseconds.
   *
   * @throws {RangeError} `ms` is not a finite number
   */
  advance: (ms: number) => void
}

/** A clock of the caller's. If it has no `advance`, the emulator keeps an offset of its own. */
export interface GivenClock {
  now: () => number
  advance?: ((ms: number) => void) | undefined
}

/** A clock that is derived from another one and remembers how far it was moved. */
export interface ShiftedClock extends EmulatorClock {
  /** Milliseconds by which this clock was advanced since it was made or reset. */
  advancedMs: () => number
  /** Forgets its own offset. A clock of the caller's that was advanced stays where it is. */
  reset: () => void
}

/** The machine's clock. No other file of the package reads it. */
export const systemClock: GivenClock = { now: () => Date.now() }

export function createShiftedClock (base: GivenClock): ShiftedClock {
  let advancedMs = 0
  let offsetMs = 0

  return {
    now: () => base.now() + offsetMs,
    advance (ms) {
      if (!Number.isFinite(ms)) throw new RangeError('advance takes a finite number of milliseconds')
      advancedMs += ms
      if (base.advance === undefined) offsetMs += ms
      else base.advance(ms)
    },
    advancedMs: () => advancedMs,
    reset () {
      advancedMs = 0
      offsetMs = 0
    }
  }
}

/** Miro's clock: it follows the app's and has an offset of its own, as a provider's clock that is ahead or behind. */
export function createMiroClock (clock: GivenClock): ShiftedClock {
  return createShiftedClock({ now: () => clock.now() })
}
