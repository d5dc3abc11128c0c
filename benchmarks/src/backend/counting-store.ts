import type { Store } from '@miro-oauth/core'

/** How often a store was called. */
export interface StoreCalls {
  reads: number
  writes: number
}

/** A store that counts its calls. */
export interface CountingStore {
  store: Store
  calls: () => StoreCalls
}

/** Wraps a store to count its calls: every method but `cas` is a read, and one call of several keys is one. */
export function countingStore (inner: Store): CountingStore {
  const calls = { reads: 0, writes: 0 }
  const store = new Proxy(inner, {
    get (target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...input: unknown[]): unknown => {
        calls[name === 'cas' ? 'writes' : 'reads']++
        return Reflect.apply(member, target, input)
      }
    }
  })
  return { store, calls: () => ({ ...calls }) }
}
