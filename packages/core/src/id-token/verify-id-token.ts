import { parseFlatJson } from './flat-json.js'
import {
  IdTokenClientMismatchError, IdTokenExpiredError, IdTokenInvalidError, IdTokenMissingError
} from './id-token-errors.js'

/** Who is at the board, by Miro's word. Instants are epoch milliseconds. */
export interface IdToken {
  userId: string
  teamId: string
  /** `null`: the token does not say. */
  issuedAt: number | null
  expiresAt: number
}

const maxLength = 8192
/** How far the clocks of Miro and of this server may be apart. */
const leewayMs = 60_000

/**
 * Verifies an id token of the Web SDK (`miro.board.getIdToken()`): a JWT that Miro signs with the app's client secret.
 * Only HS256 counts, whatever the token's header says.
 *
 * @param token what the panel sent; anything is taken, and only a right token passes
 * @param expected.secrets the client secret, and during a rotation also the one before
 * @throws {IdTokenMissingError | IdTokenInvalidError | IdTokenExpiredError | IdTokenClientMismatchError}
 * @see https://developers.miro.com/docs/gettoken-migration-guide
 * @see RFC 7519, section 7.2, and RFC 8725, sections 3.1 and 3.2
 */
export async function verifyIdToken (token: unknown, { clientId, secrets, now }: {
  clientId: string
  secrets: readonly string[]
  now: number
}): Promise<IdToken> {
  if (token === undefined || token === null || token === '') throw new IdTokenMissingError()
  if (typeof token !== 'string' || token.length > maxLength || !isCanonical(token) || !hasPlainHeader(token)) throw new IdTokenInvalidError()
  const claims = parseFlatJson(await verifiedPayload(token, secrets))
  if (claims === null) throw new IdTokenInvalidError()
  return readClaims(claims, { clientId, now })
}

/** One spelling for each token: the last character of base64url may have bits that count for nothing. */
function isCanonical (token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}

/** A header that asks for nothing else: no `crit`, no token within the token, no other algorithm. */
function hasPlainHeader (token: string): boolean {
  const [encoded = ''] = token.split('.', 1)
  const header = parseFlatJson(Buffer.from(encoded, 'base64url'))
  if (header === null || header['alg'] !== 'HS256' || 'crit' in header || 'cty' in header) return false
  return header['typ'] === undefined || header['typ'] === 'JWT'
}

async function verifiedPayload (token: string, secrets: readonly string[]): Promise<Uint8Array> {
  const { compactVerify } = await import('jose/jws/compact/verify')
  for (const secret of secrets) {
    const key = new TextEncoder().encode(secret)
    const verified = await compactVerify(token, key, { algorithms: ['HS256'] }).catch(() => null)
    if (verified !== null) return verified.payload
  }
  throw new IdTokenInvalidError()
}

function readClaims (claims: Record<string, unknown>, { clientId, now }: { clientId: string, now: number }): IdToken {
  const { sub, exp, iat, nbf } = claims
  const [userId, teamId, subject] = [toId(claims['user']), toId(claims['team']), toId(sub)]
  const [expiresAt, issuedAt, startsAt] = [toInstant(exp), toInstant(iat), toInstant(nbf)]
  if (userId === null || teamId === null || subject === null || expiresAt === null) throw new IdTokenInvalidError()
  if ([[iat, issuedAt], [nbf, startsAt]].some(([given, at]) => given !== undefined && at === null)) {
    throw new IdTokenInvalidError()
  }
  if (subject !== clientId) throw new IdTokenClientMismatchError()
  if (now >= expiresAt + leewayMs) throw new IdTokenExpiredError()
  // One that begins later was signed by a clock that runs ahead, or is not meant for now.
  if (Math.max(issuedAt ?? 0, startsAt ?? 0) > now + leewayMs) throw new IdTokenInvalidError()
  return { userId, teamId, issuedAt, expiresAt }
}

/** An exact text: Miro's ids are 64-bit numbers, which it may write as such. */
function toId (value: unknown): string | null {
  if (typeof value === 'bigint' && value >= 0n) return String(value)
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : null
}

/** A NumericDate (RFC 7519, section 2) as epoch milliseconds. */
function toInstant (value: unknown): number | null {
  const seconds = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : Number.NaN
  return Number.isFinite(seconds) && seconds >= 0 && seconds < 1e11 ? seconds * 1000 : null
}
