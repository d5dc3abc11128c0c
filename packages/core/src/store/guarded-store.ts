import { MiroError, StoreError } from '../errors.js'
import type { Store } from './store.js'

/** Wraps a store so that whatever it throws reaches callers as one {@link StoreError}. */
export function guardedStore (store: Store): Store {
  const scan = store.scan?.bind(store)
  return {
    get: (key) => guard(() => store.get(key)),
    cas: (key, expected, next) => guard(() => store.cas(key, expected, next)),
    ...(scan === undefined ? {} : { scan: (query) => guard(() => scan(query)) })
  }
}

async function guard<T> (operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw error instanceof MiroError ? error : new StoreError(error)
  }
}
