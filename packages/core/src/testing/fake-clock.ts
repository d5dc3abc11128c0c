import type { Clock } from '../clock.js'

interface Timer {
  at: number
  fire: () => void
}

/** A clock that stands still until it is told to advance. */
export interface FakeClock extends Clock {
  /** Moves time by `ms` milliseconds, firing what falls due on the way, and lets pending work run. */
  advance: (ms: number) => Promise<void>
  /** Moves time at once without firing anything, as for a process that is stopped and continued. */
  jump: (ms: number) => void
}

/** Makes a {@link FakeClock}; it starts at `startAt` epoch milliseconds. */
export function createFakeClock (startAt = 1_800_000_000_000): FakeClock {
  let now = startAt
  const timers = new Set<Timer>()

  function nextTimer (until: number): Timer | undefined {
    return Array.from(timers).filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
  }

  return {
    now: () => now,
    monotonic: () => now - startAt,

    wait: (ms, signal) => new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const stop = (): void => {
        timers.delete(timer)
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const timer: Timer = { at: now + ms, fire: stop }
      timers.add(timer)
      signal?.addEventListener('abort', stop, { once: true })
    }),

    async advance (ms) {
      const until = now + ms
      await settlePending()
      for (let timer = nextTimer(until); timer !== undefined; timer = nextTimer(until)) {
        now = Math.max(now, timer.at)
        timer.fire()
        await settlePending()
      }
      now = Math.max(now, until)
    },

    jump (ms) {
      now += ms
    }
  }
}

/** Lets everything that waits for no timer run to its end. */
async function settlePending (): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
