import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { UnavailableError } from '../errors.js'
import type { GrantRef } from '../grant/grant.js'
import type { ActiveGrant } from '../grant/grant-record.js'
import type { GrantTable } from '../grant/grant-table.js'
import { lifeOf } from '../grant/token-pair.js'
import { classify } from '../wire/classify.js'
import type { TokenEndpoint } from '../wire/token-endpoint.js'

/** What disconnecting needs. */
interface Parts {
  table: GrantTable
  endpoint: TokenEndpoint
  clock: Clock
  clientId: string
  /** How long the caller waits for Miro, in milliseconds. */
  revokeMs: number
}

/**
 * Tombstones a grant, then has Miro revoke its pair.
 *
 * The tombstone comes first and stands whatever Miro answers: from then on nobody gets a token.
 *
 * @returns whether Miro confirmed that the pair is dead
 */
export async function disconnectGrant (parts: Parts, ref: GrantRef): Promise<{ revoked: boolean }> {
  const ended = await writeTombstone(parts, ref)
  if (ended === null) return { revoked: false }
  const { clock, revokeMs: ms } = parts
  const revoked = withDeadline(revokePair(parts, ended), { clock, ms, late: () => new UnavailableError() })
  return { revoked: await revoked.catch(() => false) }
}

/** The grant that was active until now, or `null`. */
async function writeTombstone ({ table, clock, clientId }: Parts, ref: GrantRef): Promise<ActiveGrant | null> {
  for (let seen = await table.read(ref); ;) {
    const { record } = seen
    if (record === null || record.status === 'disconnected') return null
    const { userId, teamId } = ref
    const written = await table.replace(ref, seen, { clientId, userId, teamId, status: 'disconnected', epoch: randomUUID() }, clock.now())
    if (written.ok) return record.status === 'active' ? record : null
    seen = written.seen
  }
}

/** Miro revokes by access token only: an expired one is refreshed once, and the result revoked. */
async function revokePair ({ endpoint, clock }: Parts, { pair, claim }: ActiveGrant): Promise<boolean> {
  if (lifeOf(pair, clock.now()) !== 'expired' && await isRevoked(endpoint, pair.accessToken)) return true
  // Whoever holds the claim finds the tombstone, and revokes what it gets.
  if (pair.refreshToken === null || claim !== null) return false
  const verdict = classify(await endpoint.refresh(pair.refreshToken), clock.now())
  return verdict.kind === 'ok' && await isRevoked(endpoint, verdict.answer.accessToken)
}

async function isRevoked (endpoint: TokenEndpoint, accessToken: string): Promise<boolean> {
  const raw = await endpoint.revoke(accessToken)
  return raw.kind === 'answer' && raw.status >= 200 && raw.status < 300
}
