import { BadResponseError, ReauthorizeError, UnavailableError } from '../errors.js'
import { parseTokenContext, type TokenContext } from '../rest/token-context.js'
import { parseJsonOrNull } from '../wire/lossless-json.js'
import type { TokenEndpoint } from '../wire/token-endpoint.js'

/**
 * Asks Miro whose token this is.
 *
 * @throws {ReauthorizeError} Miro refuses the token
 * @throws {UnavailableError | BadResponseError}
 */
export async function askWhoseToken (endpoint: TokenEndpoint, accessToken: string): Promise<TokenContext> {
  const raw = await endpoint.context(accessToken)
  if (raw.kind !== 'answer' || raw.status === 429 || raw.status >= 500) throw new UnavailableError()
  // Documented as 400 here and as 401 everywhere else.
  if (raw.status === 400 || raw.status === 401) throw new ReauthorizeError('refused')
  if (raw.status !== 200) throw new BadResponseError(raw.status)
  return parseTokenContext(parseJsonOrNull(raw.body))
}

/** Whether Miro accepts the token now. @throws {UnavailableError | BadResponseError} it does not say */
export async function isTokenAlive (endpoint: TokenEndpoint, accessToken: string): Promise<boolean> {
  return askWhoseToken(endpoint, accessToken).then(() => true, (error: unknown) => {
    if (error instanceof ReauthorizeError) return false
    throw error
  })
}

/** The names a token context tells, as a grant keeps them. */
export function namesIn ({ userName, teamName }: TokenContext): { userName?: string, teamName?: string } {
  return { ...(userName === null ? {} : { userName }), ...(teamName === null ? {} : { teamName }) }
}
