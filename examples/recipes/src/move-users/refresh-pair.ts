import type { OldPair } from './formats.js'

/** What Miro's token endpoint needs to know of the app. */
export interface App {
  clientId: string
  clientSecret: string
  /** Default `https://api.miro.com`. */
  apiUrl?: string
  /** Epoch milliseconds. Default: the machine's clock. */
  now?: () => number
}

/** Miro's answer was neither a pair nor a refusal of the token, or did not come: the token may be spent. */
export class RefreshError extends Error {
  readonly code = 'REFRESH'

  constructor () {
    super('Miro did not answer a refresh with tokens.')
  }
}

/**
 * Has Miro replace a pair. The old one is dead from then on.
 *
 * @returns `null`: Miro refused the refresh token
 * @throws {RefreshError}
 * @see https://developers.miro.com/reference/get-new-access-token-using-refresh-token
 */
export async function refreshPair (refreshToken: string, app: App): Promise<OldPair | null> {
  const { clientId, clientSecret, apiUrl = 'https://api.miro.com', now = Date.now } = app
  const sentAt = now()
  // In the body: proxies and servers write URLs to their logs.
  const body = new URLSearchParams({
    grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken
  })
  const { status, fields } = await send(`${apiUrl}/v1/oauth/token`, body)
  if (status === 400 || status === 401) {
    if (fields['error'] === 'invalid_client' || fields['code'] === 'invalid_client') throw new RefreshError()
    return null
  }
  const { access_token: accessToken, refresh_token: next, expires_in: seconds } = fields
  if (status !== 200 || typeof accessToken !== 'string' || typeof next !== 'string') throw new RefreshError()
  return { accessToken, refreshToken: next, expiresAt: typeof seconds === 'number' ? sentAt + seconds * 1000 : null }
}

async function send (url: string, body: URLSearchParams): Promise<{ status: number, fields: Record<string, unknown> }> {
  try {
    const answer = await fetch(url, { method: 'POST', body, redirect: 'manual', signal: AbortSignal.timeout(100_000) })
    return { status: answer.status, fields: toFields(await answer.text()) }
  } catch {
    throw new RefreshError()
  }
}

/** Nothing for what is no JSON object. The parser's error is dropped, since it quotes the text. */
function toFields (text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
