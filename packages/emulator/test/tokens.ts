import t from 'tap'
import {
  approve, callApi, connect, DAY, envelope, exchange, HOUR, refresh, requestTokens, send, startEmulator, TOKEN
} from './fixtures/visitor.js'
import type { Emulator } from '../src/index.js'

async function freshCode (emulator: Emulator): Promise<string> {
  return (await approve(emulator)).searchParams.get('code') ?? ''
}

t.test('exchange: gives a pair with the documented fields', async (t) => {
  const emulator = await startEmulator(t)
  const answer = await exchange(emulator, await freshCode(emulator))
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('cache-control'), 'no-store')
  t.match(answer.json['access_token'], TOKEN)
  t.match(answer.json['refresh_token'], TOKEN)
  t.not(answer.json['access_token'], answer.json['refresh_token'])
  t.match(answer.json['user_id'], /^\d{19}$/)
  t.match(answer.json['team_id'], /^\d{19}$/)
  t.equal(answer.json['scope'], 'boards:read boards:write')
  t.equal(answer.json['token_type'], 'bearer')
  t.equal(answer.json['expires_in'], 3599)
})

t.test('exchange: a code is single use', async (t) => {
  const emulator = await startEmulator(t)
  const code = await freshCode(emulator)
  const first = await exchange(emulator, code)
  const second = await exchange(emulator, code)
  t.equal(first.status, 200)
  t.equal(second.status, 401)
  t.same(second.json, envelope(401, 'oauthError', 'Invalid authorization code'))
  const call = await callApi(emulator, '/v2/boards', String(first.json['access_token']))
  t.equal(call.status, 200, 'the first pair stays valid')
})

t.test('exchange: a code expires after ten minutes of Miro’s clock', async (t) => {
  const emulator = await startEmulator(t)
  const [inTime, tooLate] = [await freshCode(emulator), await freshCode(emulator)]
  emulator.miroClock.advance(10 * 60_000 - 1)
  t.equal((await exchange(emulator, inTime)).status, 200)
  emulator.miroClock.advance(1)
  t.same((await exchange(emulator, tooLate)).json, envelope(401, 'oauthError', 'Invalid authorization code'))
})

t.test('exchange: another redirect URI than the authorize page’s is refused, and spends the code', async (t) => {
  const redirectUris = ['http://localhost:3000/one', 'http://localhost:3000/two']
  const emulator = await startEmulator(t, { seed: { app: { redirectUris } } })
  const code = await freshCode(emulator)
  const answer = await exchange(emulator, code, { redirect_uri: 'http://localhost:3000/two' })
  t.equal(answer.status, 401)
  t.same(answer.json, envelope(401, 'oauthError', 'Redirect URI mismatch.'))
  t.equal((await exchange(emulator, code)).status, 401)
})

t.test('token endpoint: wrong client credentials are refused, and spend neither code nor refresh token', async (t) => {
  const emulator = await startEmulator(t)
  const code = await freshCode(emulator)
  const wrong: Record<string, string>[] = [
    { client_secret: 'guess' }, { client_id: '1' }, { client_secret: 'emulator-client-secret ' }
  ]
  for (const credentials of wrong) {
    t.same(
      (await exchange(emulator, code, credentials)).json, envelope(401, 'oauthError', 'Invalid client credentials')
    )
  }
  const pair = (await exchange(emulator, code)).json
  t.equal((await refresh(emulator, String(pair['refresh_token']), { client_secret: 'guess' })).status, 401)
  t.equal((await refresh(emulator, String(pair['refresh_token']))).status, 200)
})

t.test('token endpoint: missing, empty, unknown and repeated parameters get 400 invalidParameters', async (t) => {
  const emulator = await startEmulator(t)
  const code = await freshCode(emulator)
  const redirectUri = emulator.app.redirectUris[0] ?? ''
  const url = `${emulator.apiUrl}/v1/oauth/token`
  const answers = [
    await send(url, { method: 'POST' }),
    await requestTokens(emulator, {}),
    await requestTokens(emulator, { grant_type: 'password' }),
    await requestTokens(emulator, { grant_type: 'authorization_code', redirect_uri: redirectUri }),
    await requestTokens(emulator, { grant_type: 'authorization_code', code }),
    await requestTokens(emulator, { grant_type: 'authorization_code', code: '', redirect_uri: redirectUri }),
    await requestTokens(emulator, { grant_type: 'refresh_token' }),
    await exchange(emulator, code, { client_secret: '' }),
    await send(url, { method: 'POST', body: new URLSearchParams('grant_type=refresh_token&grant_type=refresh_token') }),
    await send(`${url}?grant_type=refresh_token`, {
      method: 'POST', body: new URLSearchParams('grant_type=refresh_token')
    })
  ]
  for (const answer of answers) {
    t.equal(answer.status, 400)
    t.equal(answer.json['code'], 'invalidParameters')
    t.same(Object.keys(answer.json), ['status', 'code', 'message', 'type'])
  }
  t.equal((await exchange(emulator, code)).status, 200, 'the code is still valid')
})

t.test('token endpoint: HTTP Basic and JSON bodies get 400', async (t) => {
  const emulator = await startEmulator(t)
  const { clientId, clientSecret } = emulator.app
  const url = `${emulator.apiUrl}/v1/oauth/token`
  const rest = { grant_type: 'refresh_token', refresh_token: 'x' }
  const basic = { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` }
  t.equal((await send(url, { method: 'POST', headers: basic, body: new URLSearchParams(rest) })).status, 400)
  const whole = JSON.stringify({ ...rest, client_id: clientId, client_secret: clientSecret })
  for (const body of [whole, '{', '[]', '\0']) {
    const answer = await send(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    t.equal(answer.status, 400)
    t.equal(answer.json['code'], 'invalidParameters')
  }
})

t.test('token endpoint: query and form are merged, and credentials in the query are noted in the log', async (t) => {
  const emulator = await startEmulator(t)
  const { clientId, clientSecret, redirectUris } = emulator.app
  const query = (fields: Record<string, string>) => `${emulator.apiUrl}/v1/oauth/token?${new URLSearchParams(fields)}`
  const client = { client_id: clientId, client_secret: clientSecret }
  const inQuery = await send(
    query({
      grant_type: 'authorization_code', code: await freshCode(emulator), redirect_uri: redirectUris[0] ?? '', ...client
    }),
    { method: 'POST' }
  )
  t.equal(inQuery.status, 200)
  const refreshToken = String(inQuery.json['refresh_token'])
  const split = await send(query({ grant_type: 'refresh_token', refresh_token: refreshToken }), {
    method: 'POST', body: new URLSearchParams(client)
  })
  t.equal(split.status, 200)
  const inBody = await refresh(emulator, String(split.json['refresh_token']))
  t.equal(inBody.status, 200)
  const tokenRequests = emulator.log.filter(({ path }) => path === '/v1/oauth/token')
  const note = ['credentials in the query string']
  t.same(tokenRequests.map((request) => request.note), [note, note, undefined])
})

t.test('refresh: rotation ends both old tokens at once', async (t) => {
  const emulator = await startEmulator(t)
  const old = await connect(emulator)
  const answer = await refresh(emulator, old.refresh_token)
  t.equal(answer.status, 200)
  t.equal(answer.json['user_id'], old['user_id'])
  t.equal(answer.json['team_id'], old['team_id'])
  t.equal(answer.json['expires_in'], 3599)
  t.not(answer.json['access_token'], old.access_token)
  t.not(answer.json['refresh_token'], old.refresh_token)
  t.equal((await callApi(emulator, '/v2/boards', old.access_token)).status, 401)
  const again = await refresh(emulator, old.refresh_token)
  t.equal(again.status, 401)
  t.same(again.json, envelope(401, 'oauthError', 'Invalid refresh token'))
  t.equal((await callApi(emulator, '/v2/boards', String(answer.json['access_token']))).status, 200)
})

t.test('refresh: of many at the same moment one succeeds', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(emulator, pair.refresh_token)))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal(answers.filter(({ status }) => status === 401).length, 19)
})

t.test('refresh: an access token cannot refresh, and a refresh token cannot read', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  t.equal((await refresh(emulator, pair.access_token)).status, 401)
  t.equal((await callApi(emulator, '/v2/boards', pair.refresh_token)).status, 401)
})

t.test('expiry: an access token ends after an hour, and its refresh token does not', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  emulator.clock.advance(HOUR - 1)
  t.equal((await callApi(emulator, '/v2/boards', pair.access_token)).status, 200)
  emulator.clock.advance(1)
  const expired = await callApi(emulator, '/v2/boards', pair.access_token)
  t.equal(expired.status, 401)
  t.same(Object.keys(expired.json), ['status', 'code', 'message', 'type'])
  t.equal((await refresh(emulator, pair.refresh_token)).status, 200)
})

t.test('expiry: a refresh token ends sixty days after the last refresh', async (t) => {
  const emulator = await startEmulator(t)
  const first = await connect(emulator)
  emulator.miroClock.advance(60 * DAY - 1)
  const second = await refresh(emulator, first.refresh_token)
  t.equal(second.status, 200)
  emulator.miroClock.advance(60 * DAY)
  t.same(
    (await refresh(emulator, String(second.json['refresh_token']))).json,
    envelope(401, 'oauthError', 'Invalid refresh token')
  )
})

t.test('exchange: a non-expiring app gets neither refresh_token nor expires_in', async (t) => {
  const emulator = await startEmulator(t, { seed: { app: { expiring: false } } })
  const pair = await connect(emulator)
  t.same(Object.keys(pair).sort(), ['access_token', 'scope', 'team_id', 'token_type', 'user_id'])
  emulator.clock.advance(1_000 * DAY)
  t.equal((await callApi(emulator, '/v2/boards', pair.access_token)).status, 200)
})

t.test('ids: can be bare numbers beyond 2^53, and a refresh then leaves out user_id', async (t) => {
  const users = [{ id: '9223372036854775807', name: 'Ada' }]
  const teams = [{ id: '3074457358607431473', name: 'Acme', members: ['9223372036854775807'] }]
  const emulator = await startEmulator(t, { ids: 'numbers', seed: { users, teams } })
  const answer = await exchange(emulator, await freshCode(emulator))
  t.match(answer.text, '"user_id":9223372036854775807,')
  t.match(answer.text, '"team_id":3074457358607431473,')
  const refreshed = await refresh(emulator, String(answer.json['refresh_token']))
  t.match(refreshed.text, '"team_id":3074457358607431473,')
  t.notMatch(refreshed.text, 'user_id')
})

t.test('revoke v2: ends the pair and keeps the installation', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  const other = await connect(emulator)
  const { clientId, clientSecret } = emulator.app
  const revoke = (changes: Record<string, unknown>) => send(`${emulator.apiUrl}/v2/oauth/revoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accessToken: pair.access_token, clientId, clientSecret, ...changes })
  })
  t.equal((await revoke({ clientSecret: 'guess' })).status, 401)
  t.equal((await revoke({ clientId: undefined })).status, 400)
  t.equal((await revoke({ accessToken: 7 })).status, 400)
  t.equal((await revoke({ accessToken: pair.refresh_token })).status, 404)
  const revoked = await revoke({})
  t.equal(revoked.status, 204)
  t.equal(revoked.text, '')
  t.equal((await revoke({})).json['code'], 'notFound')
  t.equal((await callApi(emulator, '/v2/boards', pair.access_token)).status, 401)
  t.equal((await refresh(emulator, pair.refresh_token)).status, 401)
  const call = await callApi(emulator, '/v2/boards', other.access_token)
  t.equal(call.status, 200, 'another pair of the same person stays valid')
  t.match((await send(emulator.url)).text, /Installed 1 time,/)
})

t.test('revoke v2: refuses a body that is not a JSON object, and an expired access token', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  const { clientId, clientSecret } = emulator.app
  const post = (body: string, type = 'application/json') =>
    send(`${emulator.apiUrl}/v2/oauth/revoke`, { method: 'POST', headers: { 'content-type': type }, body })
  const whole = JSON.stringify({ accessToken: pair.access_token, clientId, clientSecret })
  for (const answer of [
    await post('{'), await post('[]'), await post('null'), await post(''), await post(whole, 'text/plain')
  ]) {
    t.equal(answer.status, 400)
    t.equal(answer.json['code'], 'invalidParameters')
  }
  emulator.clock.advance(HOUR)
  t.equal((await post(whole)).status, 404)
})

t.test('revoke v1: takes the token from the query, and the log notes that', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  const url = `${emulator.apiUrl}/v1/oauth/revoke`
  const revoke = () => send(`${url}?access_token=${pair.access_token}`, { method: 'POST' })
  t.equal((await revoke()).status, 204)
  t.same((await revoke()).json, envelope(400, 'invalidParameters', 'Failed to revoke token'))
  t.equal((await send(url, { method: 'POST' })).status, 400)
  t.equal((await callApi(emulator, '/v2/boards', pair.access_token)).status, 401)
  t.equal((await refresh(emulator, pair.refresh_token)).status, 401)
  t.same(emulator.log.find(({ path }) => path === '/v1/oauth/revoke')?.note, ['token in the query string'])
})

t.test('token context: has the user, the team and the scopes', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  const answer = await callApi(emulator, '/v1/oauth-token', pair.access_token)
  const user = { type: 'user', name: 'Ada Lovelace', id: pair['user_id'] }
  t.equal(answer.status, 200)
  t.match(answer.json, {
    user,
    createdBy: user,
    team: { type: 'team', name: 'Acme Design', id: pair['team_id'] },
    organization: { type: 'organization', name: 'Acme' }
  })
  t.same(answer.json['scopes'], ['boards:read', 'boards:write'])
  const inQuery = await send(`${emulator.apiUrl}/v1/oauth-token?access_token=${pair.access_token}`)
  t.same(inQuery.json, answer.json)
  const elsewhere = await connect(emulator, 1)
  t.notOk('organization' in (await callApi(emulator, '/v1/oauth-token', elsewhere.access_token)).json)
})

t.test('token context: an invalid token gets 400, and a missing one 401', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  emulator.clock.advance(HOUR)
  t.same(
    (await callApi(emulator, '/v1/oauth-token', pair.access_token)).json,
    envelope(400, 'invalidParameters', 'Invalid token provided')
  )
  t.equal((await send(`${emulator.apiUrl}/v1/oauth-token?access_token=`)).status, 400)
  t.equal((await send(`${emulator.apiUrl}/v1/oauth-token`)).json['code'], 'tokenNotProvided')
})
