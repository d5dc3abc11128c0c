import { onAbort } from '../on-abort.js'

/**
 * Resolves or rejects as `work` does, or rejects with the signal's reason: a `fetch` that was passed in may ignore it.
 */
export function untilAborted<T> (work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => reject(signal.reason))
    work.then(resolve, reject).finally(stopListening)
  })
}
