import { randomUUID } from 'node:crypto'
import type { Grant } from '../grant/grant.js'
import { toGrant, type ActiveGrant } from '../grant/grant-record.js'
import type { GrantTable, Seen } from '../grant/grant-table.js'
import type { TokenPair } from '../grant/token-pair.js'
import { unclaimed } from '../refresh/settlement.js'

/** A grant as it was just stored. */
export interface Connection {
  grant: Grant
  /** Hold it in a session or link: where it differs from the grant's, they are void. */
  consent: string
  /** Whether an active grant was replaced; its consent is kept then. */
  replaced: boolean
}

/** What connect stores: whose grant, and what it can do. */
export interface NewGrant {
  clientId: string
  userId: string
  teamId: string
  scopes: readonly string[]
  pair: TokenPair
  connectedAt: number
  userName?: string
  teamName?: string
}

/** Stores a grant in a new epoch, over whatever stood there: a new connect wins over a refresh that is under way. */
export async function storeConnection (table: GrantTable, grant: NewGrant): Promise<Connection> {
  for (let seen = await table.read(grant); ;) {
    const replaced = seen.record?.status === 'active'
    const record: ActiveGrant = {
      ...keptNames(seen),
      ...grant,
      status: 'active',
      epoch: randomUUID(),
      consent: seen.record?.status === 'active' ? seen.record.consent : randomUUID(),
      forcedAt: null,
      ...unclaimed
    }
    const written = await table.replace(grant, seen, record, grant.connectedAt)
    if (written.ok) return { grant: toGrant(record), consent: record.consent, replaced }
    seen = written.seen
  }
}

function keptNames ({ record }: Seen): { userName?: string, teamName?: string } {
  if (record === null || record.status === 'disconnected') return {}
  const { userName, teamName } = record
  return { ...(userName === undefined ? {} : { userName }), ...(teamName === undefined ? {} : { teamName }) }
}
