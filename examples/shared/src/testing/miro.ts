import type { Emulator } from '@miro-oauth/emulator'
import type { GrantRef } from '@miro-oauth/fastify'
import type { TestPerson } from '@miro-oauth/fastify/testing'

type Tokens = NonNullable<TestPerson['tokens']>

/** Presses a button on Miro's authorize page. Returns the callback URL that Miro redirects the browser to. */
export async function pressButton (authorizePage: string, { ref, decision = 'authorize' }: {
  ref: GrantRef
  decision?: 'authorize' | 'decline'
}): Promise<string> {
  const body = new URLSearchParams({ membership: `${ref.userId}/${ref.teamId}`, decision })
  const answer = await fetch(authorizePage, { method: 'POST', redirect: 'manual', body })
  return String(answer.headers.get('location'))
}

/** Issues a token pair as an app gets it: authorizes the app for `ref` and exchanges the code. */
export async function issueTokens ({ app, authorizeUrl, apiUrl }: Emulator, ref: GrantRef): Promise<Tokens> {
  const { clientId, clientSecret, redirectUris: [redirectUri = ''] } = app
  const page = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri })
  const callback = new URL(await pressButton(`${authorizeUrl}?${page}`, { ref }))
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    client_secret: clientSecret,
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: redirectUri
  })
  const answer = await fetch(`${apiUrl}/v1/oauth/token`, { method: 'POST', body })
  const { access_token: accessToken, refresh_token: refreshToken } = await answer.json() as Record<string, string> & { access_token: string }
  return refreshToken === undefined ? { accessToken } : { accessToken, refreshToken, expiresInMs: 3_600_000 }
}

/** Revokes a token at Miro without the app's knowledge. */
export async function revokeToken ({ app, apiUrl }: Emulator, accessToken: string): Promise<void> {
  const { clientId, clientSecret } = app
  await fetch(`${apiUrl}/v2/oauth/revoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accessToken, clientId, clientSecret })
  })
}
