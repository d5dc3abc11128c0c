import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { RecordError } from '../errors.js'
import { storeKey } from './keys.js'
import type { Store } from './store.js'

const body = JSON.stringify({ format: 1 })

/** A record that a process left behind when it was killed is over soon. */
const scratchMs = 60_000

/**
 * Writes and reads one record that stays in the store, and deletes another one: a store that is out of reach, has no
 * table, may only be read, or has other keys than the record was encrypted with fails here, and not at the first
 * person. So does a user of the server who may not delete, which would show at the first logout.
 *
 * @throws {StoreError} it cannot be read or written
 * @throws {RecordError} it holds what this process cannot read
 */
export async function checkStore (store: Store, clientId: string, clock: Clock): Promise<void> {
  await checkLasting(store, clientId)
  const key = storeKey('check', clientId, randomUUID())
  const written = await store.cas(key, null, { body, expiresAt: clock.now() + scratchMs })
  if (written.ok) await store.cas(key, written.version, null)
}

async function checkLasting (store: Store, clientId: string): Promise<void> {
  const key = storeKey('check', clientId)
  for (let found = await store.get(key); ;) {
    if (found !== null && found.body !== body) throw new RecordError()
    const result = await store.cas(key, found?.version ?? null, { body, expiresAt: null })
    if (result.ok) return
    found = result.current
  }
}
