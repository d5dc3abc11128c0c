import { isJsonObject, parseJsonOrNull } from './lossless-json.js'

/** An answer of Miro's token endpoint, parsed. */
export interface TokenAnswer {
  accessToken: string
  /** `null`: not sent. A first answer without one is a non-expiring app; a refresh without one keeps the old token. */
  refreshToken: string | null
  /** Life of the access token in milliseconds; `null` where the answer holds no usable number. */
  expiresInMs: number | null
  /** `null`: not sent. A refresh without it keeps the scopes that were granted before. */
  scopes: string[] | null
  userId: string | null
  teamId: string | null
  /** Whether the token is a bearer token (RFC 6750), or the answer does not say. A DPoP or MAC token is none. */
  isBearer: boolean
}

/**
 * Reads an answer of Miro's token endpoint, raw or already parsed. `null`: this is not a token answer.
 *
 * Raw text is better: where Miro sends ids as bare 64-bit numbers, a parsed answer has already lost them, and such an
 * id is treated as not sent.
 *
 * @see https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token
 */
export function parseTokenAnswer (answer: unknown): TokenAnswer | null {
  const fields = typeof answer === 'string' ? parseJsonOrNull(answer) : answer
  if (!isJsonObject(fields)) return null
  const accessToken = toToken(fields['access_token'])
  if (accessToken === null) return null
  return {
    accessToken,
    refreshToken: toToken(fields['refresh_token']),
    expiresInMs: toDurationMs(fields['expires_in']),
    scopes: toScopes(fields['scope']),
    userId: toId(fields['user_id']),
    teamId: toId(fields['team_id']),
    isBearer: isBearer(fields['token_type'])
  }
}

/** A {@link TokenAnswer}'s id: any text, or an integer that is exact. `null` otherwise. */
export function toId (value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null
  return typeof value === 'string' && value !== '' ? value : null
}

/** A token is what may stand in an Authorization header: visible ASCII (RFC 6749, appendix A.12). */
export function isToken (value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

/** The type is compared without regard to case (RFC 6749, section 5.1). */
function isBearer (type: unknown): boolean {
  return type === undefined || type === null || (typeof type === 'string' && type.toLowerCase() === 'bearer')
}

function toToken (value: unknown): string | null {
  return isToken(value) ? value : null
}

/**
 * Seconds on the wire, as a number or as text. Zero, negative and unreadable values say nothing about the token's life.
 */
function toDurationMs (value: unknown): number | null {
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value
  if (typeof seconds !== 'number' || !(seconds >= 0.001)) return null
  return Math.min(Math.floor(seconds * 1000), Number.MAX_SAFE_INTEGER)
}

function toScopes (value: unknown): string[] | null {
  if (typeof value === 'string') return Array.from(new Set(value.split(/\s+/).filter((scope) => scope !== '')))
  if (Array.isArray(value)) return Array.from(new Set(value.filter((scope) => typeof scope === 'string')))
  return null
}
