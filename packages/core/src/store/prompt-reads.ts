import type { Store } from './store.js'

/** In the registry of symbols, since an app may have loaded a second copy of this package. */
const promptGet = Symbol.for('@miro-oauth/core: the get of a store that has nothing to wait for')

/** Marks the `get` of a store in memory: it never fails, and its promise is settled when it is returned. */
export function markPromptGet<S extends Store> (store: S): S {
  return Object.defineProperty(store, promptGet, { value: store.get })
}

/** The `get` of such a store; `null` where another one was put in its place, as around a store. */
export function promptGetOf (store: Store): Store['get'] | null {
  const isPrompt = promptGet in store && store[promptGet] === store.get
  return isPrompt ? store.get.bind(store) : null
}
