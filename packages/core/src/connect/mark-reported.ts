import type { GrantRef } from '../grant/grant.js'
import type { GrantRecord } from '../grant/grant-record.js'
import type { RefreshContext } from '../refresh/refresh-context.js'

/**
 * Notes in the record that the app was told that this grant must be connected again. Returns whether it is the first
 * time since the grant's pair was stored: of all processes one gets `true`.
 *
 * @throws {StoreError | RecordError}
 */
export async function markReported ({ table }: RefreshContext, ref: GrantRef): Promise<boolean> {
  for (let stored = await table.read(ref); ;) {
    const next = toReported(stored.record)
    if (next === null) return false
    const written = await table.replace(ref, stored, next)
    if (written.ok) return true
    stored = written.stored
  }
}

/** `null`: it was reported before, or there is nothing to report. */
function toReported (record: GrantRecord | null): GrantRecord | null {
  if (record?.status === 'rejected') return record.reported ? null : { ...record, reported: true }
  if (record?.status !== 'active' || record.refresh.reported) return null
  return { ...record, refresh: { ...record.refresh, reported: true } }
}
