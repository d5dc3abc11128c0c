import { createOpaqueToken } from '../identifiers.js'

/** Whom a token pair speaks for, and where. */
export interface Subject {
  clientId: string
  userId: string
  teamId: string
  scopes: readonly string[]
}

/** An access token and, for apps whose tokens expire, its refresh token. Instants are epoch milliseconds. */
export interface TokenPair extends Subject {
  accessToken: string
  accessExpiresAt: number
  refreshToken: string | null
  refreshExpiresAt: number
}

const accessLifeMs = 60 * 60_000
const refreshLifeMs = 60 * 24 * 60 * 60_000

/** What `expires_in` says, in seconds: one less than the hour that Miro documents. */
export const expiresInSeconds = 3599

/** The live token pairs. A pair lives and dies as one. */
export class Tokens {
  readonly #byAccess = new Map<string, TokenPair>()
  readonly #byRefresh = new Map<string, TokenPair>()

  issue (subject: Subject, expiring: boolean, now: number): TokenPair {
    return this.#keep({
      ...toSubject(subject),
      accessToken: createOpaqueToken(),
      accessExpiresAt: expiring ? now + accessLifeMs : Infinity,
      refreshToken: expiring ? createOpaqueToken() : null,
      refreshExpiresAt: expiring ? now + refreshLifeMs : Infinity
    })
  }

  /**
   * Replaces the pair of `refreshToken`; both its tokens are dead from this moment, with no grace.
   *
   * @see https://developers.miro.com/reference/oauth-20-authorization-v2
   */
  rotate (refreshToken: string, clientId: string, now: number): TokenPair | undefined {
    const pair = this.#byRefresh.get(refreshToken)
    if (pair === undefined || pair.clientId !== clientId || now >= pair.refreshExpiresAt) return undefined
    this.#forget(pair)
    return this.issue(pair, true, now)
  }

  find (accessToken: string, now: number): TokenPair | undefined {
    const pair = this.#byAccess.get(accessToken)
    return pair !== undefined && now < pair.accessExpiresAt ? pair : undefined
  }

  /** Ends the pair of a valid access token; false if there is none. */
  revoke (accessToken: string, now: number): boolean {
    const pair = this.find(accessToken, now)
    if (pair === undefined) return false
    this.#forget(pair)
    return true
  }

  /** How many pairs can still be used or refreshed. */
  countLive (now: number): number {
    return [...this.#byAccess.values()].filter((pair) => now < pair.refreshExpiresAt).length
  }

  #keep (pair: TokenPair): TokenPair {
    this.#byAccess.set(pair.accessToken, pair)
    if (pair.refreshToken !== null) this.#byRefresh.set(pair.refreshToken, pair)
    return pair
  }

  #forget (pair: TokenPair): void {
    this.#byAccess.delete(pair.accessToken)
    if (pair.refreshToken !== null) this.#byRefresh.delete(pair.refreshToken)
  }
}

function toSubject ({ clientId, userId, teamId, scopes }: Subject): Subject {
  return { clientId, userId, teamId, scopes }
}
