import { randomUUID } from 'node:crypto'
import { withDeadline } from '../deadline.js'
import { ConfigError, UnavailableError } from '../errors.js'
import { appUsersField, appUsersOf } from '../grant/app-users.js'
import type { GrantRef } from '../grant/grant.js'
import { isProvisional, type ActiveGrant, type DisconnectedGrant, type RejectedGrant } from '../grant/grant-record.js'
import { removeLinks } from '../grant/linking.js'
import { requireKnownOf } from '../option-checks.js'
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

/** How a grant ends. */
export interface EndOptions {
  /** It ends only while this is the grant's consent id. Default: whichever it has. */
  consentId?: string | undefined
  /** It ends only while no later connect has given it another one: that of {@link Connection}. Default: whichever. */
  epoch?: string | undefined
  /** It ends only while its person was not let in (`provisional`), or no app user is linked to it (`unlinked`). */
  only?: 'provisional' | 'unlinked' | undefined
  /** Its tombstone goes as soon as no late write can find it missing. */
  isForgotten?: boolean
}

type Tombstone = DisconnectedGrant

interface Ending extends EndOptions {
  /** What the record becomes: the tombstone, the record changed, or, with `null`, nothing else. */
  toNext: (record: ActiveGrant | RejectedGrant, tombstone: Tombstone) => ActiveGrant | RejectedGrant | Tombstone | null
}

/**
 * Writes a tombstone over a grant, then has Miro revoke its pair (RFC 7009), and removes its links.
 *
 * The tombstone comes first and stands whatever Miro answers: from then on no caller gets a token.
 *
 * @throws {StoreError | RecordError}
 */
export async function disconnectGrant (
  context: RefreshContext, ref: GrantRef, options: EndOptions = {}
): Promise<Disconnection> {
  const { only } = options
  return endGrant(context, ref, {
    ...options,
    toNext (record, tombstone) {
      if (only === 'provisional' && !isProvisional(record)) return null
      return only === 'unlinked' && appUsersOf(record).length > 0 ? null : tombstone
    }
  })
}

/** Changes or ends a grant as `toNext` decides, and does what belongs to an end. */
export async function endGrant (context: RefreshContext, ref: GrantRef, ending: Ending): Promise<Disconnection> {
  const ended = await replaceGrant(context, ref, ending)
  const removing = removeLinks(context, ref)
  if (ended === null) {
    // A disconnect that died may have left some.
    await removing
    return { ended: false, revoked: false }
  }
  context.unsaved.drop(ref)
  // Links to an ended grant are void: those that cannot be removed now are removed by another call, or by refreshDue.
  const [revoked] = await Promise.all([revokeEnded(context, ref, ended), removing.catch(() => {})])
  context.events.emitFor(ref, { type: 'disconnected', revoked })
  return { ended: true, revoked }
}

/** Returns the grant that stood there until now; `null`: there was none, another than was meant, or it goes on. */
async function replaceGrant (
  { clientId, table, limits }: RefreshContext, ref: GrantRef, ending: Ending
): Promise<Ended | null> {
  const { epoch, isForgotten = false, toNext } = ending
  const { userId, teamId } = ref
  const tombstone: Tombstone = {
    clientId, userId, teamId, status: 'disconnected', epoch: randomUUID(), ...(isForgotten ? { isForgotten } : {})
  }
  let { consentId } = ending
  for (let stored = await table.read(ref); ;) {
    const { record } = stored
    if (record === null || record.status === 'disconnected') return null
    consentId ??= record.consentId
    // The grant that was to end has ended, perhaps by a write of ours whose reply was lost, and this one was connected
    // after it.
    if (record.consentId !== consentId || (epoch !== undefined && record.epoch !== epoch)) return null
    const next = toNext(record, { ...tombstone, ...appUsersField(appUsersOf(record)) })
    if (next === null) return null
    const current = await table.replaceOrRead(ref, stored, next)
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

/**
 * The conditions of a disconnect, as a caller gave them. A name or word that is not known would be no condition, and
 * the grant would end in any case.
 *
 * @throws {ConfigError}
 */
export function requireEndOptions (conditions: EndOptions = {}): EndOptions {
  requireKnownOf('disconnect', conditions, { consentId: true, epoch: true, only: true })
  const { only } = conditions
  if (only === undefined || only === 'provisional' || only === 'unlinked') return conditions
  throw new ConfigError('The option only of disconnect must be \'provisional\' or \'unlinked\'.')
}
