import type { Store } from './store.js'

/** By the functions themselves, so that one which was put in their place, or around them, does not count. */
const promptGets = new WeakSet<Store['get']>()

/** Marks the `get` of a store in memory: it never fails, needs no `this`, and returns a promise that is settled. */
export function markPromptGet<S extends Store> (store: S): S {
  promptGets.add(store.get)
  return store
}

/** The `get` of such a store; `null` where something was put in its place, as around a store. */
export function promptGetOf ({ get, getAll }: Store): Store['get'] | null {
  return promptGets.has(get) && getAll === undefined ? get : null
}
