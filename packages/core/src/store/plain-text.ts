import type { Store } from './store.js'

/** In the registry of symbols, since an app may have loaded a second copy of this package. */
const withoutPlainText = Symbol.for('@miro-oauth/core: a store that writes no plain text')

/** Marks a store that writes tokens nowhere as they are: it keeps them in memory, or encrypted. */
export function markWithoutPlainText<S extends Store> (store: S): S {
  return Object.defineProperty(store, withoutPlainText, { value: true })
}

/** Whether a store may hold tokens in plain text: an adapter that is not wrapped in `encryptedStore`. */
export function mayHoldPlainText (store: Store): boolean {
  return !(withoutPlainText in store)
}
