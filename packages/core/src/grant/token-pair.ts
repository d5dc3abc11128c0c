import { createHash } from 'node:crypto'
import type { TokenAnswer } from '../wire/token-answer.js'

/** An access token, the refresh token that renews it, and how long the first lasts. */
export interface TokenPair {
  accessToken: string
  /** `null`: Miro gave none, so this pair cannot be refreshed. */
  refreshToken: string | null
  /**
   * Epoch milliseconds of the request that brought the pair: its life is counted from there, to be on the safe side.
   */
  issuedAt: number
  /** Epoch milliseconds; `null`: the app's tokens do not expire. */
  expiresAt: number | null
}

/** `due`: still valid, refresh now. `expired`: no longer usable. */
export type TokenState = 'fresh' | 'due' | 'expired'

/** Miro's refresh tokens end this long after they were issued. @see https://developers.miro.com/docs/getting-started-with-oauth */
export const refreshTokenLifeMs = 60 * 24 * 3_600_000

const documentedLifeMs = 3_600_000
const shortestLifeMs = 10_000
const longestLifeMs = 24 * 3_600_000
const longestMarginMs = 60_000

/**
 * Makes the pair an answer gives, received for a request that was sent at `sentAt`.
 *
 * A pair that can be refreshed gets Miro's documented hour where the answer does not say how long the token lives, and
 * between ten seconds and a day whatever it says: a wrong guess costs one refused call and a refresh. A pair that
 * cannot be refreshed lives as long as the answer says, or does not expire.
 */
export function toTokenPair (answer: TokenAnswer, sentAt: number, keptRefreshToken: string | null = null): TokenPair {
  const refreshToken = answer.refreshToken ?? keptRefreshToken
  const lifeMs = refreshToken === null
    ? answer.expiresInMs
    : Math.min(Math.max(answer.expiresInMs ?? documentedLifeMs, shortestLifeMs), longestLifeMs)
  return {
    accessToken: answer.accessToken,
    refreshToken,
    issuedAt: sentAt,
    expiresAt: lifeMs === null ? null : sentAt + lifeMs
  }
}

/** Judges a pair at the instant `now`. The margin before the end is a tenth of its life, at most a minute. */
export function tokenState (pair: TokenPair, now: number): TokenState {
  if (pair.expiresAt === null) return 'fresh'
  const lifeMs = pair.expiresAt - pair.issuedAt
  if (now >= pair.expiresAt - Math.min(longestMarginMs, lifeMs / 10)) return 'expired'
  return now >= dueAt(pair, lifeMs) ? 'due' : 'fresh'
}

/** Between 80 and 90 % of life: spread by token, so that grants made together are not refreshed together. */
function dueAt (pair: TokenPair, lifeMs: number): number {
  const spread = pair.accessToken.charCodeAt(pair.accessToken.length - 1) % 32 / 32
  return pair.issuedAt + lifeMs * (0.8 + 0.1 * spread)
}

/**
 * Whether both tokens are the same: a refresh token alone does not tell pairs apart that have none, or that keep it.
 */
export function isSamePair (a: TokenPair, b: TokenPair): boolean {
  return a.accessToken === b.accessToken && a.refreshToken === b.refreshToken
}

/**
 * SHA-256 of a refresh token: names the pair a refresh consumed without keeping the token. `null`: nothing to consume.
 */
export function hashRefreshToken (refreshToken: string): string
export function hashRefreshToken (refreshToken: string | null): string | null
export function hashRefreshToken (refreshToken: string | null): string | null {
  return refreshToken === null ? null : createHash('sha256').update(refreshToken).digest('base64url')
}
