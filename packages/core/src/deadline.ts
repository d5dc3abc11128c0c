import type { Clock } from './clock.js'

/** A timer that fires this much late tells of a paused process, whose answer may be waiting in the socket. */
const lateMs = 1000
/** What a late timer is given more. */
export const graceMs = 1000
/** More microtasks than it takes to get a token out of a store in memory. */
const microtasksAtOnce = 32

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
export async function withDeadline<T> (work: Promise<T>, { clock, ms, signal, late }: {
  clock: Clock
  ms: number
  signal?: AbortSignal | undefined
  late: () => Error
}): Promise<T> {
  let done: { value: T } | undefined
  // Also for whoever leaves early, and leaves it to reject unseen.
  work.then((value) => { done = { value } }, () => {})
  signal?.throwIfAborted()
  // A timer, and what cancels it, costs more than all else that is done for a fresh token: first see who answers at once.
  for (let turn = 0; turn < microtasksAtOnce; turn++) {
    await undefined
    if (done !== undefined) return done.value
  }
  signal?.throwIfAborted()
  const over = new AbortController()
  const race = new Promise<T>((resolve, reject) => {
    work.then(resolve, reject)
    signal?.addEventListener('abort', () => reject(signal.reason), { signal: over.signal })
    deadline(clock, ms, over.signal).then(() => { if (!over.signal.aborted) reject(late()) }, reject)
  })
  // Without a reason of ours, an AbortError with its stack would be made each time.
  return race.finally(() => over.abort(null))
}
