import type { TokenValues } from './token-values.js'

/** The app, user and team that a token pair belongs to, and its scopes. */
export interface Subject {
  clientId: string
  userId: string
  teamId: string
  scopes: readonly string[]
}

/** An access token and, for apps whose tokens expire, its refresh token. Instants are epoch milliseconds. */
export interface TokenPair extends Subject {
  /** Unique in its model; a later pair has a higher id. */
  id: number
  /** The id of the first pair of its family: all pairs that descend from one exchange share it. */
  family: number
  accessToken: string
  /** What `expires_in` says, in seconds; null for an app whose tokens do not expire. */
  expiresInSeconds: number | null
  /** Infinity for an app whose tokens do not expire. */
  accessExpiresAt: number
  /** Null for an app whose tokens do not expire. */
  refreshToken: string | null
  /** Infinity for an app whose tokens do not expire. */
  refreshExpiresAt: number
}

const refreshLifetimeMs = 60 * 24 * 60 * 60_000

/** The default of `expires_in`: a second less than the hour that Miro documents. */
export const defaultAccessSeconds = 3599
// A token stays valid for this long after `expires_in`.
const graceMs = 1000

interface NewPair {
  id: number
  family: number
  now: number
  expiring: boolean
  accessSeconds: number
  values: TokenValues
}

export function createTokenPair (subject: Subject, newPair: NewPair): TokenPair {
  const { clientId, userId, teamId, scopes } = subject
  const { id, family, now, expiring, accessSeconds, values } = newPair
  return {
    id,
    family,
    clientId,
    userId,
    teamId,
    scopes,
    accessToken: values(),
    expiresInSeconds: expiring ? accessSeconds : null,
    accessExpiresAt: expiring ? now + accessSeconds * 1000 + graceMs : Infinity,
    refreshToken: expiring ? values() : null,
    refreshExpiresAt: expiring ? now + refreshLifetimeMs : Infinity
  }
}
