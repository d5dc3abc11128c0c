import { errorCodeOf } from './error-code.js'
import type { RawAnswer } from './raw-answer.js'
import { isJsonObject, parseJsonOrNull } from './lossless-json.js'
import { parseRetryAfterMs } from './retry-after.js'
import { parseTokenAnswer, type TokenAnswer } from './token-answer.js'

/** The meaning of an answer of the token endpoint for the grant that it is about. */
export type Verdict =
  | { kind: 'ok', answer: TokenAnswer }
  /** Miro surely did not see the request. */
  | { kind: 'not-sent', errorCode: string | null }
  /** Miro asks to wait, and has not acted on the request. */
  | { kind: 'throttled', retryAfterMs: number | null }
  /** Miro may have rotated the pair, and we may never learn it. */
  | { kind: 'ambiguous', status: number | null, errorCode: string | null }
  /** The refresh token or code itself was refused (RFC 6749 `invalid_grant`). */
  | { kind: 'rejected' }
  /** Miro refused without saying what. It does not document its refusals, so this may or may not be about the token. */
  | { kind: 'unclear', status: number }
  /**
   * The app or the way to Miro is set up wrongly; no grant is to blame. `secret`: Miro refused the app's credentials.
   */
  | { kind: 'config', secret: boolean, status: number }

/**
 * Judges an answer of the token endpoint by HTTP status first and Miro's or OAuth's error code second, never by its
 * message.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function classify (raw: RawAnswer, now: number): Verdict {
  if (raw.kind === 'not-sent') return { kind: 'not-sent', errorCode: errorCodeOf(raw.cause) }
  if (raw.kind === 'no-answer') return { kind: 'ambiguous', status: null, errorCode: errorCodeOf(raw.cause) }
  const { status, headers, body } = raw

  if (status >= 200 && status < 300) {
    // An answer that holds a pair holds the only live one, however odd the rest of it is.
    const answer = parseTokenAnswer(body)
    if (answer !== null) return { kind: 'ok', answer }
    return isHtml(headers, body) ? { kind: 'config', secret: false, status } : { kind: 'ambiguous', status, errorCode: null }
  }
  if (status === 429) return { kind: 'throttled', retryAfterMs: parseRetryAfterMs(headers, now) }
  if (status >= 500 || status === 408 || status === 425) return { kind: 'ambiguous', status, errorCode: null }
  const fields = parseJsonOrNull(body)
  if (status >= 400 && !isHtml(headers, body)) {
    // RFC 6749 has the word in `error`, Miro's envelope in `code`.
    const error = isJsonObject(fields) ? fields['error'] ?? fields['code'] : null
    if (error === 'invalid_client' || error === 'unauthorized_client') return { kind: 'config', secret: true, status }
    if (status <= 401) return error === 'invalid_grant' ? { kind: 'rejected' } : { kind: 'unclear', status }
    // Miro's own 403 or 404 is about this one grant; another server's is about the way to Miro.
    if (isMiroError(fields)) return { kind: 'unclear', status }
  }
  return { kind: 'config', secret: false, status }
}

/** The HTTP status and the network error's code that stand behind a verdict, for events and causes. */
export function failureOf (verdict: Exclude<Verdict, { kind: 'ok' | 'rejected' }>): { status: number | null, errorCode: string | null } {
  switch (verdict.kind) {
    case 'not-sent': return { status: null, errorCode: verdict.errorCode }
    case 'throttled': return { status: 429, errorCode: null }
    case 'ambiguous': return { status: verdict.status, errorCode: verdict.errorCode }
    default: return { status: verdict.status, errorCode: null }
  }
}

function isHtml (headers: Headers, body: string): boolean {
  return headers.get('content-type')?.toLowerCase().includes('text/html') === true || /^\s*<(!doctype|html)/i.test(body)
}

/** Miro's error envelope. @see https://developers.miro.com/docs/troubleshooting-oauth20 */
function isMiroError (fields: unknown): boolean {
  return isJsonObject(fields) && typeof fields['message'] === 'string' &&
    (fields['type'] === 'error' || typeof fields['code'] === 'string')
}
