import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { UnavailableError } from '../errors.js'
import type { EventSink } from '../events.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant, DisconnectedGrant } from '../grant/grant-record.js'
import type { GrantTable } from '../grant/grant-table.js'
import { tokenState } from '../grant/token-pair.js'
import type { Shutdown } from '../shutdown.js'
import type { RefreshLimits } from '../refresh/limits.js'
import type { Refresher } from '../refresh/refresher.js'
import { classify } from '../wire/classify.js'
import type { OAuthEndpoints } from '../wire/oauth-endpoints.js'

/** What disconnecting needs. */
interface Parts {
  clientId: string
  table: GrantTable
  refresher: Refresher
  events: EventSink
  endpoint: OAuthEndpoints
  clock: Clock
  limits: RefreshLimits
  shutdown: Shutdown
}

/** A grant that was active until now. */
interface Ended {
  record: ActiveGrant
  /** Whether somebody is refreshing it: whoever does finds the tombstone, and revokes what it gets. */
  isLeased: boolean
}

/**
 * Tombstones a grant, then has Miro revoke its pair.
 *
 * The tombstone comes first and stands whatever Miro answers: from then on nobody gets a token.
 *
 * @param conditions.consentId it ends only while this is the grant's consent. Default: whichever it has
 * @returns whether Miro confirmed within the caller's deadline that the pair is dead
 * @throws {StoreError | RecordError}
 */
export async function disconnectGrant (parts: Parts, ref: GrantRef, conditions: { consentId?: string } = {}): Promise<{ revoked: boolean }> {
  const { refresher, events } = parts
  const ended = await writeTombstone(parts, ref, conditions)
  refresher.forget(ref)
  const revoked = ended !== null && await revokeEnded(parts, ref, ended)
  events.emit({ type: 'disconnected', grant: events.fingerprint(ref), revoked })
  return { revoked }
}

/** The grant that was active until now, or `null`. */
async function writeTombstone ({ clientId, table, clock, limits }: Parts, ref: GrantRef, { consentId: meant }: { consentId?: string }): Promise<Ended | null> {
  const { userId, teamId } = ref
  const tombstone: DisconnectedGrant = { clientId, userId, teamId, status: 'disconnected', epoch: randomUUID() }
  let consentId = meant
  for (let stored = await table.read(ref); ;) {
    const { record } = stored
    if (record === null || record.status === 'disconnected') return null
    consentId ??= record.consentId
    // Another consent: the grant that was to end has ended, perhaps by a write of ours whose reply was lost, and this one came after.
    if (record.consentId !== consentId) return null
    const standing = await table.replaceOrLook(ref, stored, tombstone)
    // A write whose reply was lost is told by its epoch; the pair it buried is known to nobody else.
    if (standing.record?.epoch === tombstone.epoch) {
      return record.status === 'active' ? { record, isLeased: record.lease !== null && stored.ageMs <= limits.leaseMs } : null
    }
    stored = standing
  }
}

/** Waits for the revocation as long as a caller would; it goes on by itself. */
async function revokeEnded (parts: Parts, ref: GrantRef, ended: Ended): Promise<boolean> {
  const { clock, limits: { callerMs: ms }, shutdown } = parts
  const revoked = withDeadline(shutdown.track(revokePair(parts, ref, ended)), { clock, ms, late: () => new UnavailableError() })
  return revoked.catch(() => false)
}

/** Miro revokes by access token only: an expired one is refreshed once, and the result revoked. */
async function revokePair ({ table, endpoint, clock }: Parts, ref: GrantRef, { record: { pair }, isLeased }: Ended): Promise<boolean> {
  if (tokenState(pair, clock.now()) !== 'expired' && await isRevoked(endpoint, pair.accessToken)) return true
  if (pair.refreshToken === null || isLeased) return false
  const verdict = classify(await endpoint.refresh(pair.refreshToken), clock.now())
  // Miro may take all of a user's pairs along, and somebody may have connected while it answered.
  if (verdict.kind !== 'ok' || await isConnected(table, ref)) return false
  return isRevoked(endpoint, verdict.answer.accessToken)
}

/** Whether a grant stands there, as far as the store can tell. */
async function isConnected (table: GrantTable, ref: GrantRef): Promise<boolean> {
  return table.read(ref).then(({ record }) => record?.status === 'active', () => false)
}

async function isRevoked (endpoint: OAuthEndpoints, accessToken: string): Promise<boolean> {
  const raw = await endpoint.revoke(accessToken)
  return raw.kind === 'answer' && raw.status >= 200 && raw.status < 300
}
