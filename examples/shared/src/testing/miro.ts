import type { Emulator } from '@miro-oauth/emulator'
import type { GrantRef } from '@miro-oauth/fastify'
import type { TestPerson } from '@miro-oauth/fastify/testing'

type Tokens = NonNullable<TestPerson['tokens']>

interface TokenAnswer {
  access_token: string
  /** Absent if the app's tokens do not expire. */
  refresh_token?: string
}

/** Presses a button on Miro's authorize page. Returns the callback URL that Miro redirects the browser to. */
export async function pressButton (authorizePage: string, { ref, decision = 'authorize' }: {
  ref: GrantRef
  decision?: 'authorize' | 'decline'
}): Promise<string> {
  const body = new URLSearchParams({ membership: `${ref.userId}/${ref.teamId}`, decision })
  const answer = await fetch(authorizePage, { method: 'POST', redirect: 'manual', body })
  return String(answer.headers.get('location'))
}

/** Authorizes the app for `ref` and exchanges the code. Returns the body of Miro's answer. */
export async function exchangeCode ({ app, authorizeUrl, apiUrl }: Emulator, ref: GrantRef): Promise<string> {
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
  return answer.text()
}

/** Issues the tokens for `ref` as {@link exchangeCode} does, for `signInAs`. */
export async function issueTokens (emulator: Emulator, ref: GrantRef): Promise<Tokens> {
  const answer = JSON.parse(await exchangeCode(emulator, ref)) as TokenAnswer
  const { access_token: accessToken, refresh_token: refreshToken } = answer
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
