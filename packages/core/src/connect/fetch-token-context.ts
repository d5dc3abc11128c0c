import { BadResponseError, failureCause, UnavailableError } from '../errors.js'
import { parseTokenContext, type TokenContext } from '../rest/token-context.js'
import { errorCodeOf } from '../wire/error-code.js'
import { parseJsonOrNull } from '../wire/lossless-json.js'
import type { OAuthEndpoints } from '../wire/oauth-endpoints.js'

/**
 * Asks Miro whose token this is. `null`: Miro refuses the token.
 *
 * @param patienceMs default: as long as any request to Miro may take
 * @throws {UnavailableError | BadResponseError}
 */
export async function fetchTokenContext (
  endpoint: OAuthEndpoints, accessToken: string, patienceMs?: number
): Promise<TokenContext | null> {
  const raw = await endpoint.tokenContext(accessToken, patienceMs)
  if (raw.kind !== 'answer') throw unavailable(null, errorCodeOf(raw.cause))
  if (raw.status === 429 || raw.status >= 500) throw unavailable(raw.status, null)
  // Documented as 400 here and as 401 everywhere else.
  if (raw.status === 400 || raw.status === 401) return null
  if (raw.status !== 200) throw new BadResponseError(raw.status)
  return parseTokenContext(parseJsonOrNull(raw.body))
}

function unavailable (status: number | null, errorCode: string | null): UnavailableError {
  return new UnavailableError({ cause: failureCause({ status, errorCode }) })
}

/** The names a token context tells, as a grant keeps them. */
export function namesIn ({ userName, teamName }: TokenContext): { userName?: string, teamName?: string } {
  return { ...(userName === null ? {} : { userName }), ...(teamName === null ? {} : { teamName }) }
}
