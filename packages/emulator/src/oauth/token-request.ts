import { findRepeated } from '../wire/parameters.js'
import type { RegisteredApp } from '../seed/seed.js'
import { invalidClient, invalidRequest, OAuthRefusal } from './oauth-refusal.js'
import { findVerifierProblem, type PkceMode } from './pkce.js'

/** A token request, parsed, from a client whose credentials are right. */
export type TokenRequest =
  | { grantType: 'authorization_code', code: string, redirectUri: string, codeVerifier: string | null }
  | { grantType: 'refresh_token', refreshToken: string }

const knownParameters = ['grant_type', 'client_id', 'client_secret', 'code', 'redirect_uri', 'refresh_token']

/**
 * Reads a token request from the query and the form, which Miro merges.
 *
 * @throws {MiroRefusal} 400 for a missing or repeated parameter or an unknown grant type; 401 for wrong credentials
 * @see https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token
 */
export function readTokenRequest (parameters: URLSearchParams, app: RegisteredApp, pkce: PkceMode): TokenRequest {
  const repeated = findRepeated(parameters, knownParameters)
  if (repeated !== undefined) throw invalidRequest(`The parameter ${repeated} occurs more than once`)
  const grantType = demand(parameters, 'grant_type')
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
    throw new OAuthRefusal('unsupported_grant_type', 'This grant_type is not supported')
  }
  checkClient(parameters, app)
  const problem = findVerifierProblem(parameters, pkce)
  if (problem !== null) throw invalidRequest(problem)
  if (grantType === 'refresh_token') return { grantType, refreshToken: demand(parameters, 'refresh_token') }
  return {
    grantType,
    code: demand(parameters, 'code'),
    redirectUri: demand(parameters, 'redirect_uri'),
    codeVerifier: parameters.get('code_verifier')
  }
}

function checkClient (parameters: URLSearchParams, app: RegisteredApp): void {
  const clientId = demand(parameters, 'client_id')
  const clientSecret = demand(parameters, 'client_secret')
  if (clientId !== app.clientId || clientSecret !== app.clientSecret) throw invalidClient()
}

function demand (parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name)
  if (!value) throw invalidRequest(`The parameter ${name} is missing`)
  return value
}
