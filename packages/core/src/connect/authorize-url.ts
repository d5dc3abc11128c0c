import { ConfigError } from '../errors.js'
import { requireId } from '../grant/require-ref.js'
import { requireKnownOf, requireText } from '../option-checks.js'

/** What an authorization request says. */
export interface AuthorizeRequest {
  /**
   * A text that only the browser of this person knows, such as 32 random bytes in a cookie of its own: the callback
   * must bring it back, or it is another's (CSRF).
   */
  state: string
  /** The one that the code is exchanged with, to the letter, as in the app's settings in Miro. */
  redirectUri: string
  /** The team that Miro preselects; the person may choose another. */
  teamId?: string | undefined
  /** Of PKCE, by the method S256. Miro documents no PKCE. */
  codeChallenge?: string | undefined
}

/**
 * Miro's page where a person grants access.
 *
 * @throws {ConfigError}
 * @see https://developers.miro.com/reference/ne-create-authorization-request-link
 * @see RFC 6749, section 4.1.1, and RFC 7636, section 4.3
 */
export function toAuthorizeUrl (page: URL, { clientId, request }: {
  clientId: string
  request: AuthorizeRequest
}): string {
  requireKnownOf('authorizeUrl', request ?? null, { state: true, redirectUri: true, teamId: true, codeChallenge: true })
  const { state, redirectUri, teamId, codeChallenge } = request
  const url = new URL(page)
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: requireText('redirectUri', redirectUri),
    state: requireId('state', state),
    ...teamId !== undefined && { team_id: requireId('teamId', teamId) },
    ...codeChallenge !== undefined && { code_challenge: requireChallenge(codeChallenge), code_challenge_method: 'S256' }
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

function requireChallenge (value: string): string {
  if (typeof value === 'string' && /^[\w-]{43}$/.test(value)) return value
  throw new ConfigError('codeChallenge must be the SHA-256 of a code verifier, in base64url.')
}
