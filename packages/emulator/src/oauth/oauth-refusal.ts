import type { RefusalStyle } from '../settings.js'
import { MiroRefusal, toEnvelope } from '../wire/envelope.js'
import { toJsonText } from '../wire/json-text.js'
import { jsonType, type PlainAnswer } from '../wire/plain-answer.js'

type OAuthError = 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type'

/** A refusal of the token endpoint, with the code of Miro's envelope and the `error` of RFC 6749 section 5.2. */
export class OAuthRefusal extends MiroRefusal {
  constructor (readonly error: OAuthError, message: string) {
    const malformed = error === 'invalid_request' || error === 'unsupported_grant_type'
    super(malformed ? 400 : 401, malformed ? 'invalidParameters' : 'oauthError', message)
  }
}

export function invalidRequest (message: string): OAuthRefusal {
  return new OAuthRefusal('invalid_request', message)
}

export function invalidClient (): OAuthRefusal {
  return new OAuthRefusal('invalid_client', 'Invalid client credentials')
}

export function invalidGrant (message: string): OAuthRefusal {
  return new OAuthRefusal('invalid_grant', message)
}

/** Writes a refusal of the token endpoint in the style of the `refusals` switch. */
export function toOAuthAnswer (refusal: MiroRefusal, style: RefusalStyle): PlainAnswer {
  const { status } = refusal
  if (style === 'bare') return { status, headers: {}, body: '' }
  if (style === 'envelope') return { status, headers: jsonType, body: toJsonText({ ...toEnvelope(refusal) }) }
  return toRfcAnswer(refusal)
}

function toRfcAnswer (refusal: MiroRefusal): PlainAnswer {
  const error = refusal instanceof OAuthRefusal ? refusal.error : 'invalid_request'
  const status = error === 'invalid_grant' ? 400 : refusal.status
  return { status, headers: jsonType, body: toJsonText({ error, error_description: refusal.message }) }
}
