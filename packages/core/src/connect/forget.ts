import type { GrantRef } from '../grant/grant.js'
import { removeLinks } from '../grant/linking.js'
import type { RefreshContext } from '../refresh/refresh-context.js'
import { disconnectGrant, type Disconnection } from './disconnect.js'
import { unlinkGrant } from './unlink.js'

/** What was done to forget an app user. */
export interface Forgotten {
  /** Grants that ended now. */
  disconnected: number
  /** Those of them that Miro has revoked. What it did not confirm, `refreshDue` tries again. */
  revoked: number
  /** Grants that other app users are linked to as well: they go on without this one. */
  shared: number
}

/**
 * Takes an app user off all grants, ends those that no other app user has, and leaves no link behind. It begins with
 * the links and ends with them, so that a call that died is made good by the next one.
 *
 * @throws {StoreError | RecordError} after the other grants were done: call it again
 */
export async function forgetAppUser (context: RefreshContext, appUserId: string): Promise<Forgotten> {
  const links = await context.links.list(appUserId)
  const outcomes = await Promise.allSettled(links.map((link) => forgetLink(context, appUserId, link)))
  const forgotten = { disconnected: 0, revoked: 0, shared: 0 }
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason
    const { ended, revoked, isShared } = outcome.value
    if (ended) forgotten.disconnected++
    if (revoked) forgotten.revoked++
    if (isShared) forgotten.shared++
  }
  return forgotten
}

async function forgetLink (
  context: RefreshContext, appUserId: string, { userId, teamId, consentId }: GrantRef & { consentId: string }
): Promise<Disconnection & { isShared: boolean }> {
  const ref = { userId, teamId }
  // Before the link goes, by which a call that is made again finds this grant.
  await shortenTombstone(context, ref)
  const { ended, revoked } = await unlinkGrant(context, appUserId, ref, { isForgotten: true })
  const { record } = await context.table.read(ref)
  const isShared = !ended && record !== null && record.status !== 'disconnected' && record.consentId === consentId
  return { ended, revoked, isShared }
}

/**
 * Ends a grant for all its app users, removes the links, and lets its tombstone go soon.
 *
 * @throws {StoreError | RecordError} call it again: it finishes what was begun
 */
export async function forgetGrant (context: RefreshContext, ref: GrantRef): Promise<Disconnection> {
  const ending = await disconnectGrant(context, ref, { isForgotten: true })
  await removeLinks(context, ref)
  await shortenTombstone(context, ref)
  return ending
}

/**
 * A tombstone is not deleted: a write that was sent before it, and arrives late, would find nothing and put the grant
 * back. It holds the ids of user and team alone, and goes when no such write can be on its way.
 */
async function shortenTombstone ({ table }: RefreshContext, ref: GrantRef): Promise<void> {
  for (let stored = await table.read(ref); ;) {
    const { record } = stored
    if (record?.status !== 'disconnected' || record.isForgotten === true) return
    stored = await table.replaceOrRead(ref, stored, { ...record, isForgotten: true })
  }
}
