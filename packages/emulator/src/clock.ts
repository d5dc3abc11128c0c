/** Time as the emulator reads it: epoch milliseconds that can be moved forward. */
export interface EmulatorClock {
  /** Epoch milliseconds. */
  now: () => number
  /** Moves this clock, and every clock that stands on it, by `ms` milliseconds. */
  advance: (ms: number) => void
}

/** A clock that somebody else owns; where it has no `advance`, the emulator keeps an offset of its own. */
export interface GivenClock {
  now: () => number
  advance?: (ms: number) => void
}

/** A clock that stands on another one and remembers how far it was moved. */
export interface ShiftedClock extends EmulatorClock {
  /** Milliseconds by which this clock was advanced since it was made or reset. */
  advancedMs: () => number
  /** Forgets its own offset; time that was handed on to a clock of the caller's stays as it is. */
  reset: () => void
}

/** The only place where the machine's own time enters the emulator. */
export const systemClock: GivenClock = { now: () => Date.now() }

/** @throws {RangeError} `advance` was called with something that is not a finite number */
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

/** Miro's own time: it follows the app's, and can be moved alone, as a provider's clock that runs ahead. */
export function createMiroClock (clock: GivenClock): ShiftedClock {
  return createShiftedClock({ now: () => clock.now() })
}
