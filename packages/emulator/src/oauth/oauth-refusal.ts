import type { RefusalStyle } from '../settings.js'
import { MiroRefusal, toEnvelope } from '../wire/envelope.js'
import { toJsonText } from '../wire/json-text.js'
import { jsonType, type PlainAnswer } from '../wire/plain-answer.js'

type OAuthError = 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type'

/** The token endpoint says no. Miro does not follow RFC 6749 section 5.2, so the two vocabularies stand side by side. */
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

/** The refusal as the token endpoint writes it. */
export function toOAuthAnswer (refusal: MiroRefusal, style: RefusalStyle): PlainAnswer {
  if (style === 'bare') return { status: refusal.status, headers: {}, body: '' }
  if (style === 'envelope') return { status: refusal.status, headers: jsonType, body: toJsonText({ ...toEnvelope(refusal) }) }
  const error = refusal instanceof OAuthRefusal ? refusal.error : 'invalid_request'
  const status = error === 'invalid_grant' ? 400 : refusal.status
  return { status, headers: jsonType, body: toJsonText({ error, error_description: refusal.message }) }
}
