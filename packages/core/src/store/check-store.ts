import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { RecordError, StoreError } from '../errors.js'
import { storeKey } from './keys.js'
import type { Store } from './store.js'

const body = JSON.stringify({ format: 1 })

/** Half of the shortest time for which a record is kept: a store whose clock is further ahead loses it too early. */
const scratchMs = 10 * 60_000

/**
 * Writes and reads one record that stays in the store, and deletes another one: a store that is out of reach, has no
 * table, may only be read, or has other keys than the record was encrypted with fails here, and not at the first
 * person. So does one that may not be deleted from, which would show at the first logout, and one whose reads go to a
 * replica that lags behind.
 *
 * @throws {StoreError} it cannot be read or written
 * @throws {RecordError} it holds what this process cannot read
 */
export async function checkStore (store: Store, clientId: string, clock: Clock): Promise<void> {
  await checkLasting(store, clientId)
  const key = storeKey('check', clientId, randomUUID())
  const written = await store.cas(key, null, { body, expiresAt: clock.now() + scratchMs })
  if (!written.ok) return
  const found = await store.get(key)
  await store.cas(key, written.version, null)
  if (found?.version !== written.version) throw new StoreError(lostRecord())
}

/** The code is for programs that explain the failure. */
function lostRecord (): Error {
  const reason = 'its reads go to a replica, or its clock is more than ten minutes ahead of this process'
  return Object.assign(new Error(`The store did not return what was just written: ${reason}.`), { code: 'STALE_READ' })
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
