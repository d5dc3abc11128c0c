/**
 * The listeners of a signal. State that belongs to no instance: calls of several clients may share a signal, and one
 * listener for all of them keeps Node from warning of a leak at the eleventh.
 */
const listenersOf = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `listener` once when `signal` aborts. Returns the function that takes it back. */
export function onAbort (signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener()
    return () => {}
  }
  const listeners = listenersOf.get(signal) ?? listenTo(signal)
  // Wrapped, so that the same function can listen twice.
  const call = (): void => listener()
  listeners.add(call)
  return () => { listeners.delete(call) }
}

function listenTo (signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>()
  listenersOf.set(signal, listeners)
  signal.addEventListener('abort', () => {
    for (const call of listeners) call()
    listeners.clear()
  }, { once: true })
  return listeners
}
