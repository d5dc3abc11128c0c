import { randomUUID } from 'node:crypto'
import { withDeadline } from '../deadline.js'
import { UnavailableError } from '../errors.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant, DisconnectedGrant, RejectedGrant } from '../grant/grant-record.js'
import type { RefreshContext } from '../refresh/refresh-context.js'

/** What a disconnect did. */
export interface Disconnection {
  /** Whether there was a grant to end. */
  ended: boolean
  /** Whether Miro confirmed the revocation within the caller's deadline. If not, `refreshDue` tries again. */
  revoked: boolean
}

/** A grant that stood there until now. */
interface Ended {
  record: ActiveGrant | RejectedGrant
  /** Whether a process is refreshing it: that process finds the tombstone, and revokes the pair it receives. */
  isLeased: boolean
}

/**
 * Writes a tombstone over a grant, then has Miro revoke its pair (RFC 7009).
 *
 * The tombstone comes first and stands whatever Miro answers: from then on no caller gets a token.
 *
 * @param conditions.consentId it ends only while this is the grant's consent id. Default: whichever it has
 * @throws {StoreError | RecordError}
 */
export async function disconnectGrant (context: RefreshContext, ref: GrantRef, conditions: {
  consentId?: string
} = {}): Promise<Disconnection> {
  const { unsaved, events } = context
  const ended = await writeTombstone(context, ref, conditions)
  if (ended === null) return { ended: false, revoked: false }
  unsaved.drop(ref)
  const revoked = await revokeEnded(context, ref, ended)
  events.emitFor(ref, { type: 'disconnected', revoked })
  return { ended: true, revoked }
}

/** Returns the grant that stood there until now; `null`: there was none, or another than was meant. */
async function writeTombstone ({ clientId, table, limits }: RefreshContext, ref: GrantRef, conditions: {
  consentId?: string
}): Promise<Ended | null> {
  const { userId, teamId } = ref
  const tombstone: DisconnectedGrant = { clientId, userId, teamId, status: 'disconnected', epoch: randomUUID() }
  let { consentId } = conditions
  for (let stored = await table.read(ref); ;) {
    const { record } = stored
    if (record === null || record.status === 'disconnected') return null
    consentId ??= record.consentId
    // The grant that was to end has ended, perhaps by a write of ours whose reply was lost, and this one was connected
    // after it.
    if (record.consentId !== consentId) return null
    const current = await table.replaceOrRead(ref, stored, tombstone)
    // The epoch tells our own tombstone, also where the reply to the write was lost.
    if (current.record?.epoch === tombstone.epoch) {
      const isLeased = record.status === 'active' && record.refresh.lease !== null && stored.ageMs <= limits.leaseMs
      return { record, isLeased }
    }
    stored = current
  }
}

/** Waits for the revocation as long as a caller would; the revocation goes on after that. */
async function revokeEnded (context: RefreshContext, ref: GrantRef, ended: Ended): Promise<boolean> {
  const { clock, limits: { callerMs: ms }, shutdown, revocations } = context
  if (ended.record.status !== 'active') return false
  const revoking = shutdown.track(revocations.revoke(ref, ended.record.pair, { mayRefresh: !ended.isLeased }))
  return withDeadline(revoking, { clock, ms, late: () => new UnavailableError() }).catch(() => false)
}
