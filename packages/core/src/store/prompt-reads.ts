import type { Store } from './store.js'

/** On the function itself, so that one which was put in its place, or around it, does not count. */
const isPrompt = Symbol('isPrompt')

/** Marks the `get` of a store in memory: it never fails, needs no `this`, and returns a promise that is resolved. */
export function markPromptGet<S extends Store> (store: S): S {
  Object.defineProperty(store.get, isPrompt, { value: true })
  return store
}

/** The `get` of such a store; `null` where something was put in its place, as around a store. */
export function promptGetOf ({ get, getAll }: Store): Store['get'] | null {
  return isPrompt in get && getAll === undefined ? get : null
}
