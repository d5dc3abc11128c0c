import type { TokenValues } from './token-values.js'

/** Whom a token pair speaks for, and where. */
export interface Subject {
  clientId: string
  userId: string
  teamId: string
  scopes: readonly string[]
}

/** An access token and, for apps whose tokens expire, its refresh token. Instants are epoch milliseconds. */
export interface TokenPair extends Subject {
  /** Unlike every other pair's of the same model; a later pair has a higher one. */
  id: number
  /** The id of the first pair of its family: all pairs that descend from one exchange share it. */
  family: number
  accessToken: string
  /** Infinity for an app whose tokens do not expire. */
  accessExpiresAt: number
  /** Null for an app whose tokens do not expire. */
  refreshToken: string | null
  /** Infinity for an app whose tokens do not expire. */
  refreshExpiresAt: number
}

const accessLifeMs = 60 * 60_000
const refreshLifeMs = 60 * 24 * 60 * 60_000

/** What `expires_in` says, in seconds: one less than the hour that Miro documents. */
export const expiresInSeconds = 3599

interface NewPair {
  id: number
  family: number
  now: number
  expiring: boolean
  values: TokenValues
}

export function createTokenPair ({ clientId, userId, teamId, scopes }: Subject, { id, family, now, expiring, values }: NewPair): TokenPair {
  return {
    id,
    family,
    clientId,
    userId,
    teamId,
    scopes,
    accessToken: values(),
    accessExpiresAt: expiring ? now + accessLifeMs : Infinity,
    refreshToken: expiring ? values() : null,
    refreshExpiresAt: expiring ? now + refreshLifeMs : Infinity
  }
}
