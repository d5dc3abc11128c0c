import { findRepeated } from '../wire/parameters.js'
import type { RegisteredApp } from '../seed/seed.js'

/** What an app asks of the authorize page, or why the page cannot even send the browser back. */
export type AuthorizeRequest =
  | { kind: 'valid', redirectUri: string, state: string | null, teamId: string | null }
  | { kind: 'invalid', message: string }

const knownParameters = ['response_type', 'client_id', 'redirect_uri', 'state', 'team_id']

/**
 * Reads the query of the authorize page. Nothing invalid is ever redirected: where the redirect URI is in doubt, the
 * browser must stay here (RFC 6749 section 4.1.2.1).
 *
 * @see https://developers.miro.com/reference/create-authorization-request-link
 */
export function readAuthorizeRequest (query: URLSearchParams, app: RegisteredApp): AuthorizeRequest {
  const repeated = findRepeated(query, knownParameters)
  const redirectUri = query.get('redirect_uri') ?? ''
  if (repeated !== undefined) return invalid(`The parameter ${repeated} occurs more than once.`)
  if (!query.get('client_id')) return invalid('The parameter client_id is missing.')
  if (query.get('client_id') !== app.clientId) return invalid('Invalid client_id: no application with this id is registered.')
  if (redirectUri === '') return invalid('The parameter redirect_uri is missing.')
  if (!app.redirectUris.includes(redirectUri)) return invalid(`Invalid redirect_uri: "${shorten(redirectUri)}" does not match any of the application registered values.`)
  if (query.get('response_type') !== 'code') return invalid('Invalid response_type: it must be "code".')
  return { kind: 'valid', redirectUri, state: query.get('state'), teamId: query.get('team_id') }
}

function invalid (message: string): AuthorizeRequest {
  return { kind: 'invalid', message }
}

function shorten (text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
