import type { RawAnswer } from '../wire/raw-answer.js'

/**
 * The meaning of an answer to a revocation. `unknown`: Miro knows no such access token. `refused`: it refused and did
 * not say that. `put-off`: no useful answer. `put-off-all`: Miro was not reached.
 *
 * @see https://developers.miro.com/reference/revoke-token-v2
 */
export function judgeRevocation (raw: RawAnswer): 'revoked' | 'unknown' | 'refused' | 'put-off' | 'put-off-all' {
  if (raw.kind !== 'answer') return raw.kind === 'not-sent' ? 'put-off-all' : 'put-off'
  const { status } = raw
  if (status >= 200 && status < 300) return 'revoked'
  // Of a 429 too the others are not to blame: Miro counts for each user.
  if (status < 400 || status >= 500 || [408, 425, 429].includes(status)) return 'put-off'
  // Miro documents 404, and for the older endpoint 400.
  return status === 404 || status === 400 ? 'unknown' : 'refused'
}
