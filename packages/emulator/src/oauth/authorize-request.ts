import { findRepeated } from '../wire/parameters.js'
import type { RegisteredApp } from '../seed/seed.js'
import { findChallengeProblem, type PkceMode } from './pkce.js'

/** An app's request to the authorize page, or the reason for an error page in place of a redirect. */
export type AuthorizeRequest =
  | {
    kind: 'valid'
    redirectUri: string
    state: string | null
    /** The team and the person to preselect. */
    teamId: string | null
    userId: string | null
    codeChallenge: string | null
  }
  | { kind: 'invalid', message: string }

/** `/app-install/` is the authorize page of installs that Miro starts. */
export const authorizePaths = ['/oauth/authorize', '/app-install/'] as const

const knownParameters = ['response_type', 'client_id', 'redirect_uri', 'state', 'team_id']

/**
 * Reads the query of the authorize page. An invalid request is never redirected, because its redirect URI may belong to
 * an attacker (RFC 6749 section 4.1.2.1).
 *
 * @see https://developers.miro.com/reference/create-authorization-request-link
 */
export function readAuthorizeRequest (query: URLSearchParams, app: RegisteredApp, pkce: PkceMode): AuthorizeRequest {
  const repeated = findRepeated(query, knownParameters)
  const clientId = query.get('client_id')
  const redirectUri = query.get('redirect_uri') ?? ''
  if (repeated !== undefined) return invalid(`The parameter ${repeated} occurs more than once.`)
  if (!clientId) return invalid('The parameter client_id is missing.')
  if (clientId !== app.clientId) return invalid('Invalid client_id: no application with this id is registered.')
  if (redirectUri === '') return invalid('The parameter redirect_uri is missing.')
  if (!app.redirectUris.includes(redirectUri)) return invalid(mismatch(redirectUri))
  if (query.get('response_type') !== 'code') return invalid('Invalid response_type: it must be "code".')
  const problem = findChallengeProblem(query, pkce)
  if (problem !== null) return invalid(`${problem}.`)
  return {
    kind: 'valid',
    redirectUri,
    state: query.get('state'),
    teamId: query.get('team_id'),
    userId: query.get('emulator_user'),
    codeChallenge: query.get('code_challenge')
  }
}

function invalid (message: string): AuthorizeRequest {
  return { kind: 'invalid', message }
}

function mismatch (redirectUri: string): string {
  const shown = redirectUri.length > 200 ? `${redirectUri.slice(0, 200)}…` : redirectUri
  return `Invalid redirect_uri: "${shown}" does not match any of the application registered values.`
}
