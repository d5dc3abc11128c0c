import { withDeadline } from '../deadline.js'
import { UnavailableError } from '../errors.js'
import type { Grant, GrantRef } from '../grant/grant.js'
import { toGrant } from '../grant/grant-record.js'
import type { RefreshContext } from '../refresh/refresh-context.js'
import { fetchTokenContext, namesIn } from './fetch-token-context.js'

const patienceMs = 2000

/** Asks Miro for the names of a grant's user and team, and stores them. Gives up after two seconds. */
export async function fetchNames ({ table, endpoint, clock }: RefreshContext, ref: GrantRef): Promise<Grant | null> {
  const stored = await table.read(ref)
  const { record } = stored
  if (record?.status !== 'active') return null
  const asking = fetchTokenContext(endpoint, record.pair.accessToken)
  const context = await withDeadline(asking, {
    clock,
    ms: patienceMs,
    late: () => new UnavailableError()
  }).catch(() => null)
  // Names of another grant must not be stored with this one.
  if (context === null || context.userId !== ref.userId || context.teamId !== ref.teamId) return toGrant(record)
  const named = { ...record, ...namesIn(context) }
  const written = await table.replace(ref, stored, named)
  return toGrant(written.ok ? named : record)
}
