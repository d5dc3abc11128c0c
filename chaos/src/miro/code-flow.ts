import type { MiroAddress } from '../fleet/messages.js'
import type { Person } from '../people/person.js'

type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** The URL of Miro's authorize page for the registered app. */
export function toAuthorizeUrl ({ authorizeUrl, clientId, redirectUri }: MiroAddress): string {
  const query = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri })
  return `${authorizeUrl}?${query}`
}

/**
 * Presses "Install & authorize" on the authorize page as a person, and returns where the page sends the browser.
 *
 * @throws {Error} Miro answered with no redirect
 */
export async function authorizeAs (authorizeUrl: string, { userId, teamId }: Person, fetch: Fetch): Promise<string> {
  const body = new URLSearchParams({ decision: 'authorize', membership: `${userId}/${teamId}` })
  const answer = await fetch(authorizeUrl, { method: 'POST', redirect: 'manual', body })
  const location = answer.headers.get('location')
  if (location === null) throw new Error(`authorize: ${answer.status}`)
  return location
}

interface CodeExchange {
  code: string
  fetch: Fetch
  signal?: AbortSignal
}

/**
 * Exchanges a code for a token pair, and returns the body of the answer.
 *
 * @throws {Error} Miro refused
 */
export async function exchangeCode (miro: MiroAddress, { code, fetch, signal }: CodeExchange): Promise<string> {
  const { apiUrl, clientId, clientSecret, redirectUri } = miro
  const client = { client_id: clientId, client_secret: clientSecret }
  const answer = await fetch(`${apiUrl}/v1/oauth/token`, {
    method: 'POST',
    ...(signal !== undefined && { signal }),
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...client })
  })
  if (!answer.ok) throw new Error(`exchange: ${answer.status}`)
  return answer.text()
}
