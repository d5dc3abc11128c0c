import { performance } from 'node:perf_hooks'
import { onAbort } from './on-abort.js'
import type { Optional } from './optional.js'

/** The source of time. Tests and demos pass in their own. */
export interface Clock {
  /** Wall time in epoch milliseconds. */
  now: () => number
  /** Milliseconds that never run backwards. */
  monotonic: () => number
  /**
   * Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects.
   *
   * @param options.ref `false`: the wait does not keep the process alive. Default `true`
   */
  wait: (ms: number, signal?: AbortSignal, options?: { ref?: boolean | undefined }) => Promise<void>
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // Not the one of node:timers/promises, which makes an error with a stack whenever a wait is cut short.
  wait: (ms, signal, { ref = true } = {}) => new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const timer = setTimeout(end, ms)
    if (!ref) timer.unref()
    const stopListening = signal === undefined ? () => {} : onAbort(signal, end)
    function end (): void {
      clearTimeout(timer)
      stopListening()
      resolve()
    }
  })
}

/** Completes a partial clock with the machine's own: a demo that shifts wall time passes in `now` alone. */
export function toClock (clock: Optional<Clock> = {}): Clock {
  return {
    now: clock.now?.bind(clock) ?? systemClock.now,
    monotonic: clock.monotonic?.bind(clock) ?? systemClock.monotonic,
    wait: clock.wait?.bind(clock) ?? systemClock.wait
  }
}

/**
 * Starts a stopwatch that reads elapsed milliseconds, `aheadMs` at first.
 *
 * The larger of the wall and the monotonic reading counts: suspending a machine may stop its monotonic clock.
 */
export function startStopwatch (clock: Clock, aheadMs = 0): () => number {
  const wall = clock.now() - aheadMs
  const monotonic = clock.monotonic() - aheadMs
  return () => Math.max(clock.now() - wall, clock.monotonic() - monotonic)
}

/** How far the clocks of two processes may be apart before an instant that the other one stored is disbelieved. */
const clockSlackMs = 5 * 60_000

/**
 * Whether a stored instant still lies ahead. An instant further ahead than the longest delay that is ever stored, and
 * the slack of two clocks, was written by a clock that runs ahead: it counts as past, so that it holds nothing up for
 * hours.
 */
export function isStillAhead (at: number, { now, longestMs }: { now: number, longestMs: number }): boolean {
  return now < at && at - now <= longestMs + clockSlackMs
}
