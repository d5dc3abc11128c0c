import { ConfigError, RecordError, type ReauthorizeReason } from '../errors.js'
import { requireKnownOf } from '../option-checks.js'
import { appUsersOf } from './app-users.js'
import { isProvisional, toGrant } from './grant-record.js'
import { grantRefOf, type Grant, type GrantRef } from './grant.js'
import type { GrantTable, StoredGrant } from './grant-table.js'

/** What `auth.allGrants` takes. */
export interface AllGrantsOptions {
  /** How many records one page looks at, 1 to 1000. Default 100. */
  limit?: number | undefined
  /** Where the page before it ended. */
  cursor?: string | undefined
}

/** One page of an app's grants. It can be short or empty where others follow. */
export interface GrantPage {
  /** In no particular order. */
  grants: GrantEntry[]
  /** Where the next page begins; without one this was the last. */
  cursor?: string
}

/** A grant as an administrator sees it: without tokens. */
export interface GrantEntry {
  /** Names the grant, by its key in the store. */
  ref: GrantRef
  /** `null`: its record cannot be read. */
  grant: Grant | null
  /**
   * `provisional`: its person was not let in yet. `rejected`: Miro refused it, and its person must connect again.
   * `unreadable`: corrupt, or under an unknown key.
   */
  state: 'active' | 'provisional' | 'rejected' | 'unreadable'
  /**
   * Why its person must connect again, as `auth.status` tells them; `null`: they need not. An active one can have a
   * reason too: it rests after an unclear refusal, or its access token is over and Miro gave no refresh token.
   */
  reason: ReauthorizeReason | null
  /** The users of the app that are linked to it. */
  appUserIds: string[]
  /** When it was last connected, or refreshed for a caller, in epoch milliseconds; `null`: not known. */
  usedAt: number | null
}

interface Parts {
  table: GrantTable
  clientId: string
  /** Why the person of a grant must connect again. */
  reasonOf: (stored: StoredGrant) => ReauthorizeReason | null
}

/**
 * One page of all grants of the app. Grants that were disconnected are none.
 *
 * @throws {ConfigError} a wrong option, or a store without `scan`
 * @throws {StoreError}
 */
export async function allGrants (parts: Parts, options: AllGrantsOptions = {}): Promise<GrantPage> {
  const { table, clientId } = parts
  requireKnownOf('allGrants', options, { limit: true, cursor: true })
  const { limit = 100, cursor } = options
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new ConfigError('The option limit of allGrants must be an integer from 1 to 1000.')
  if (cursor !== undefined && typeof cursor !== 'string') throw new ConfigError('The option cursor of allGrants must be one that it returned.')
  const page = await table.page({ limit, ...(cursor === undefined ? {} : { cursor }) })
  const found = await Promise.all(page.keys.map((key) => readEntry(parts, grantRefOf(clientId, key))))
  const grants = found.filter((entry) => entry !== null)
  return page.cursor === undefined ? { grants } : { grants, cursor: page.cursor }
}

async function readEntry ({ table, reasonOf }: Parts, ref: GrantRef): Promise<GrantEntry | null> {
  try {
    const stored = await table.read(ref)
    const { record } = stored
    if (record === null || record.status === 'disconnected') return null
    const state = isProvisional(record) ? 'provisional' : record.status
    const { usedAt } = record
    return { ref, grant: toGrant(record), state, reason: reasonOf(stored), appUserIds: [...appUsersOf(record)], usedAt }
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return { ref, grant: null, state: 'unreadable', reason: null, appUserIds: [], usedAt: null }
  }
}
