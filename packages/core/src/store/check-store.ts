import { RecordError } from '../errors.js'
import { storeKey } from './keys.js'
import type { Store } from './store.js'

const body = JSON.stringify({ format: 1 })

/**
 * Writes and reads one record that stays in the store: a store that is out of reach, has no table, may only be read, or
 * has other keys than the record was encrypted with fails here, and not at the first person.
 *
 * @throws {StoreError} it cannot be read or written
 * @throws {RecordError} it holds what this process cannot read
 */
export async function checkStore (store: Store, clientId: string): Promise<void> {
  const key = storeKey('check', clientId)
  for (let found = await store.get(key); ;) {
    if (found !== null && found.body !== body) throw new RecordError()
    const result = await store.cas(key, found?.version ?? null, { body, expiresAt: null })
    if (result.ok) return
    found = result.current
  }
}
