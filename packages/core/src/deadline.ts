import type { Clock } from './clock.js'
import { onAbort } from './on-abort.js'

/** A timer that fires this late shows that the process was paused; an answer may be waiting in the socket. */
const lateMs = 1000
/** How much longer a late timer waits. */
export const graceMs = 1000
/** More microtasks than it takes to read a token from a store in memory. */
export const microtasksAtOnce = 32

/**
 * Resolves when `ms` milliseconds are over, or at once when `signal` aborts. A late timer is given a second more.
 *
 * @param options.ref as that of {@link Clock.wait}
 */
export async function deadline (
  clock: Clock, ms: number, signal?: AbortSignal, options?: { ref: boolean }
): Promise<void> {
  const startedAt = clock.monotonic()
  await clock.wait(ms, signal, options)
  if (signal?.aborted === true || clock.monotonic() - startedAt <= ms + lateMs) return
  await clock.wait(graceMs, signal, options)
}

/**
 * Resolves or rejects as `work` does, unless `ms` milliseconds pass or `signal` aborts first. The work itself goes on.
 *
 * @throws the error that `late` makes, or the signal's reason
 */
export async function withDeadline<T> (work: Promise<T>, { clock, ms, signal, late }: {
  clock: Clock
  ms: number
  signal?: AbortSignal | undefined
  late: () => Error
}): Promise<T> {
  let done: { value: T } | undefined
  // A caller that leaves early must not leave an unhandled rejection behind.
  work.then((value) => { done = { value } }, () => {})
  signal?.throwIfAborted()
  // Work that answers at once needs no timer: making and cancelling one costs more than giving a fresh token.
  for (let turn = 0; turn < microtasksAtOnce; turn++) {
    await undefined
    if (done !== undefined) return done.value
  }
  signal?.throwIfAborted()
  const over = new AbortController()
  const race = new Promise<T>((resolve, reject) => {
    work.then(resolve, reject)
    if (signal !== undefined) onAbort(over.signal, onAbort(signal, () => reject(signal.reason)))
    deadline(clock, ms, over.signal).then(() => { if (!over.signal.aborted) reject(late()) }, reject)
  })
  // A reason is given, since the default one is an AbortError with a stack, made each time.
  return race.finally(() => over.abort(null))
}
