import type { Grant, GrantRef } from '../grant/grant.js'
import { toGrant } from '../grant/grant-record.js'
import type { RefreshContext } from '../refresh/refresh-context.js'
import { fetchTokenContext, namesIn } from './fetch-token-context.js'

const patienceMs = 2000

/**
 * Asks Miro for the names of a grant's user and team, and stores them. Gives up after two seconds.
 *
 * @returns `null`: there is no such grant, or it has ended meanwhile
 * @throws {StoreError | RecordError}
 */
export async function fetchNames ({ table, endpoint }: RefreshContext, ref: GrantRef): Promise<Grant | null> {
  let stored = await table.read(ref)
  if (stored.record?.status !== 'active') return null
  const context = await fetchTokenContext(endpoint, stored.record.pair.accessToken, patienceMs).catch(() => null)
  // Names of another grant must not be stored with this one.
  const isOurs = context !== null && context.userId === ref.userId && context.teamId === ref.teamId
  const names = isOurs ? namesIn(context) : {}
  // The record may have been linked or refreshed while Miro was asked.
  for (;;) {
    const { record } = stored
    if (record?.status !== 'active') return null
    const named = { ...record, ...names }
    if (named.userName === record.userName && named.teamName === record.teamName) return toGrant(record)
    const written = await table.replace(ref, stored, named)
    if (written.ok) return toGrant(named)
    stored = written.stored
  }
}
