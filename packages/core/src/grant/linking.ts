import { appUsersOf, consentIdOf, withAppUsers } from './app-users.js'
import type { GrantRef } from './grant.js'
import { isProvisional, toConfirmed } from './grant-record.js'
import type { GrantTable, StoredGrant } from './grant-table.js'
import type { Link, Links } from './links.js'

/** The records of grants, and the index of their app users. */
interface LinkingParts {
  table: GrantTable
  links: Links
}

/**
 * Links an app user to a grant: in the index first, then in the grant's record. Of a call that died in between a link
 * is left, by which the app user can be taken off; a name in the record without a link would keep the grant alive.
 *
 * @returns `false`: the grant has ended, or was connected anew since, and is not linked
 * @throws {StoreError | RecordError}
 */
export async function linkGrant (parts: LinkingParts, appUserId: string, link: Link): Promise<boolean> {
  const { table, links } = parts
  // In one wait with the read of the index. The write of the record expects what was read here.
  const reading = table.read(link)
  reading.catch(() => {})
  await links.add(appUserId, link)
  const isLinked = await enter(table, appUserId, link, await reading)
  // An unlink at the same time may have removed the link again before the record had the name.
  await alignLink(parts, appUserId, link)
  return isLinked
}

/** Whether the grant's record names the app user by now. */
async function enter (table: GrantTable, appUserId: string, link: Link, found: StoredGrant): Promise<boolean> {
  for (let stored = found; ;) {
    const { record } = stored
    if (record === null || record.status === 'disconnected' || record.consentId !== link.consentId) return false
    if (consentIdOf(record, appUserId) !== null && !isProvisional(record)) return true
    const names = Array.from(new Set([...appUsersOf(record), appUserId]))
    stored = await table.replaceOrRead(link, stored, toConfirmed(withAppUsers(record, names)))
  }
}

/**
 * Brings the index into line with the grant's record, which decides. After each write of the index the record is read
 * again: of several calls at once, the one that writes last leaves both the same. Both are read in one wait, in either
 * order: a call that changes one of them after it was read comes here itself. A call that died is made good by the next
 * one.
 *
 * @throws {StoreError | RecordError}
 */
export async function alignLink (
  { table, links }: LinkingParts, appUserId: string, { userId, teamId }: GrantRef
): Promise<void> {
  const ref = { userId, teamId }
  for (;;) {
    const [link, { record }] = await Promise.all([links.find(appUserId, ref), table.read(ref)])
    const consentId = consentIdOf(record, appUserId)
    if (consentId === (link?.consentId ?? null)) return
    if (consentId === null) await links.remove(appUserId, ref)
    else await links.add(appUserId, { ...ref, consentId })
  }
}

/**
 * Removes the links to a grant that was disconnected. Its tombstone names their app users until that is done, so that
 * a call that died in between can be made good.
 *
 * @throws {StoreError | RecordError}
 */
export async function removeLinks (parts: LinkingParts, ref: GrantRef): Promise<void> {
  for (let stored = await parts.table.read(ref); ;) {
    const { record } = stored
    if (record?.status !== 'disconnected' || record.appUserIds === undefined) return
    await Promise.all(record.appUserIds.map((appUserId) => alignLink(parts, appUserId, ref)))
    stored = await parts.table.replaceOrRead(ref, stored, withAppUsers(record, []))
  }
}
