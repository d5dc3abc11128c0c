import { isProvisional, toConfirmed } from '../grant/grant-record.js'
import type { GrantRef } from '../grant/grant.js'
import type { GrantTable } from '../grant/grant-table.js'

/**
 * Notes that the person of a provisional grant may come in. A link notes the same.
 *
 * @returns `false`: the grant has ended, or was connected anew since
 * @throws {StoreError | RecordError}
 */
export async function confirmGrant (table: GrantTable, ref: GrantRef, consentId: string): Promise<boolean> {
  for (let stored = await table.read(ref); ;) {
    const { record } = stored
    if (record === null || record.status === 'disconnected' || record.consentId !== consentId) return false
    if (!isProvisional(record)) return true
    stored = await table.replaceOrRead(ref, stored, toConfirmed(record))
  }
}
