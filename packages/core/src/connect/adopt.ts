import { randomUUID } from 'node:crypto'
import { ConfigError, ReauthorizeError } from '../errors.js'
import { isSamePair } from '../grant/token-pair.js'
import { requireText } from '../option-checks.js'
import type { RefreshContext } from '../refresh/refresh-context.js'
import { toConnection, toRecord, type Connection, type NewGrant } from './connect.js'
import { fetchTokenContext, namesIn } from './fetch-token-context.js'

/** Tokens that another library obtained. */
export interface AdoptedTokens {
  /** One that Miro still accepts: Miro is asked whose it is. */
  accessToken: string
  /** `null` for an app whose tokens do not expire. */
  refreshToken: string | null
  /** Epoch milliseconds; `null`: the token does not expire, or its expiry was not written down. */
  expiresAt: number | null
  /** Links the grant to this user of the app. */
  appUserId?: string | undefined
}

/**
 * Takes over tokens from elsewhere, after asking Miro's token context whose they are.
 *
 * An active grant stays as it is, unless the pair is another one and still alive after the grant was read: a pair that
 * was read before a refresh and stored after it would overwrite the living one.
 */
export async function adoptTokens (
  { table, endpoint, clock, clientId }: RefreshContext,
  tokens: AdoptedTokens
): Promise<Connection> {
  const { accessToken, refreshToken, expiresAt, appUserId } = requireTokens(tokens)
  const context = await fetchTokenContext(endpoint, accessToken)
  if (context === null) throw new ReauthorizeError('access_token')
  const now = clock.now()
  // A refreshable pair whose expiry was not written down is refreshed at the first use.
  const pair = {
    accessToken,
    refreshToken,
    issuedAt: now,
    expiresAt: expiresAt ?? (refreshToken === null ? null : now)
  }
  const { userId, teamId, scopes } = context
  const grant: NewGrant = { clientId, userId, teamId, scopes, pair, connectedAt: now, appUserId, ...namesIn(context) }

  for (let stored = await table.read(grant); ;) {
    const { record } = stored
    if (record?.status === 'active') {
      const isKept = isSamePair(record.pair, pair) || await fetchTokenContext(endpoint, accessToken) === null
      if (isKept) return toConnection(record, true)
    }
    const next = toRecord(grant, randomUUID(), stored)
    const written = await table.replace(grant, stored, next)
    if (written.ok) return toConnection(next, record?.status === 'active')
    stored = written.stored
  }
}

function requireTokens (tokens: AdoptedTokens): AdoptedTokens {
  requireText('accessToken', tokens.accessToken)
  if (tokens.refreshToken !== null) requireText('refreshToken', tokens.refreshToken)
  if (tokens.expiresAt !== null && !Number.isFinite(tokens.expiresAt)) {
    throw new ConfigError('The option expiresAt must be epoch milliseconds, or null.')
  }
  return tokens
}
