import process from 'node:process'

/**
 * What listens for the moment in which Node has nothing left to do. State that belongs to no instance, as in
 * `on-abort.ts`: one listener for all keeps Node from warning of a leak at the eleventh.
 */
const listeners = new Set<() => void>()

function callAll (): void {
  for (const listener of listeners) listener()
}

/** Calls `listener` before the process ends by itself; what it begins keeps it alive. Returns what takes it back. */
export function onBeforeExit (listener: () => void): () => void {
  if (listeners.size === 0) process.on('beforeExit', callAll)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) process.off('beforeExit', callAll)
  }
}
