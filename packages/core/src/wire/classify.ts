import type { RawAnswer } from './raw-answer.js'
import { isJsonObject, parseJsonOrNull } from './lossless-json.js'
import { parseRetryAfterMs } from './retry-after.js'
import { parseTokenAnswer, type TokenAnswer } from './token-answer.js'

/** The meaning of an answer of the token endpoint for the grant that it is about. */
export type Verdict =
  | { kind: 'ok', answer: TokenAnswer }
  /** Miro surely did not see the request. */
  | { kind: 'not-sent' }
  /** Miro asks to wait, and has not acted on the request. */
  | { kind: 'throttled', retryAfterMs: number | null }
  /** Miro may have rotated the pair, and we may never learn it. */
  | { kind: 'ambiguous' }
  /** The refresh token or code itself was refused (RFC 6749 `invalid_grant`). */
  | { kind: 'rejected' }
  /** Miro refused without saying what. It does not document its refusals, so this may or may not be about the token. */
  | { kind: 'unclear' }
  /** The app or the way to Miro is set up wrongly; no grant is to blame. `secret`: Miro refused the app's credentials. */
  | { kind: 'config', secret: boolean, status: number }

/**
 * Judges an answer of the token endpoint by HTTP status first and Miro's or OAuth's error code second, never by its message.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function classify (raw: RawAnswer, now: number): Verdict {
  if (raw.kind === 'not-sent') return { kind: 'not-sent' }
  if (raw.kind === 'no-answer') return { kind: 'ambiguous' }
  const { status, headers, body } = raw

  if (status >= 200 && status < 300) {
    // An answer that holds a pair holds the only live one, however odd the rest of it is.
    const answer = parseTokenAnswer(body)
    if (answer !== null) return { kind: 'ok', answer }
    return isHtml(headers, body) ? { kind: 'config', secret: false, status } : { kind: 'ambiguous' }
  }
  if (status === 429) return { kind: 'throttled', retryAfterMs: parseRetryAfterMs(headers, now) }
  if (status >= 500 || status === 408 || status === 425) return { kind: 'ambiguous' }
  if (status === 400 || status === 401) {
    if (isHtml(headers, body)) return { kind: 'config', secret: false, status }
    switch (oauthErrorOf(body)) {
      case 'invalid_grant': return { kind: 'rejected' }
      case 'invalid_client': case 'unauthorized_client': return { kind: 'config', secret: true, status }
      default: return { kind: 'unclear' }
    }
  }
  return { kind: 'config', secret: false, status }
}

function isHtml (headers: Headers, body: string): boolean {
  return headers.get('content-type')?.toLowerCase().includes('text/html') === true || /^\s*<(!doctype|html)/i.test(body)
}

/** RFC 6749's `error`, or the same word where Miro's envelope has its `code`. */
function oauthErrorOf (body: string): unknown {
  const fields = parseJsonOrNull(body)
  return isJsonObject(fields) ? fields['error'] ?? fields['code'] : null
}
