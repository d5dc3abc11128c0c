import { ConfigError } from '../errors.js'
import type { Store } from './store.js'

/** @throws {ConfigError} */
export function requireStore (store: unknown): Store {
  if (isStore(store)) return store
  throw new ConfigError('The option store must have the methods get and cas.')
}

function isStore (store: unknown): store is Store {
  return typeof store === 'object' && store !== null && 'get' in store && typeof store.get === 'function' &&
    'cas' in store && typeof store.cas === 'function'
}
