import type { Clock } from './clock.js'

/** A timer that fires this much late tells of a paused process, whose answer may be waiting in the socket. */
const lateMs = 1000
/** What a late timer is given more. */
export const graceMs = 1000

/** Resolves when `ms` milliseconds are over, or at once when `signal` aborts. A late timer is given a second more. */
export async function deadline (clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const startedAt = clock.monotonic()
  await clock.wait(ms, signal)
  if (!signal.aborted && clock.monotonic() - startedAt > ms + lateMs) await clock.wait(graceMs, signal)
}

/**
 * Settles as `work` does, unless `ms` milliseconds pass or `signal` aborts first. The work itself goes on.
 *
 * @throws what `late` makes, or the signal's reason
 */
export async function withDeadline<T> (work: Promise<T>, options: {
  clock: Clock
  ms: number
  signal?: AbortSignal | undefined
  late: () => Error
}): Promise<T> {
  const { clock, ms, signal, late } = options
  // Whoever leaves early leaves it to reject unseen.
  work.catch(() => {})
  signal?.throwIfAborted()
  const over = new AbortController()
  const timer = deadline(clock, ms, over.signal).then(() => { throw late() })
  const abort = new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { signal: over.signal })
  })
  // The losers of the race reject unseen once it is over.
  timer.catch(() => {})
  abort.catch(() => {})
  try {
    return await Promise.race([work, timer, abort])
  } finally {
    over.abort()
  }
}
