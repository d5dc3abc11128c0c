import t from 'tap'
import { createFakeClock } from '../src/testing/index.js'
import { codeOf, createWorld, envelope, json } from './fixtures/fake-miro.js'

const redirectUri = 'https://app.test/auth/miro/callback'

function refused (code: string): Error {
  return new TypeError('fetch failed', { cause: new AggregateError([Object.assign(new Error(code), { code, syscall: 'connect' })]) })
}

t.test('exchange: sends the code in a form with the app\'s credentials, by the fetch of the options, and stores the grant', async (t) => {
  const { process, miro } = createWorld()
  miro.answer = () => new Response(miro.issue())
  const { grant } = await process().exchange('a code', { redirectUri, appUserId: 'ada' })
  const [request] = miro.requests
  t.equal(request?.path, '/v1/oauth/token')
  t.strictSame(Object.fromEntries(request?.form ?? []), {
    grant_type: 'authorization_code',
    client_id: '3458764500000000001',
    client_secret: 'planted-client-secret',
    code: 'a code',
    redirect_uri: redirectUri
  })
  t.strictSame((await process().grants('ada')).map(({ userId }) => userId), [grant.userId])
})

t.test('exchange: a codeVerifier goes into the form as code_verifier (PKCE), also when the code is sent again', async (t) => {
  const { process, miro, clock } = createWorld()
  miro.answer = () => {
    if (miro.requests.length === 1) throw refused('ECONNREFUSED')
    return new Response(miro.issue())
  }
  const codeVerifier = `${'aZ09-._~'.repeat(16)}`
  const exchanging = process().exchange('a code', { redirectUri, codeVerifier })
  await clock.advance(1000)
  await exchanging
  t.strictSame(miro.requests.map(({ form }) => form.get('code_verifier')), [codeVerifier, codeVerifier])
})

t.test('exchange: a codeVerifier that RFC 7636 does not allow is MIRO_CONFIG, and nothing is sent', async (t) => {
  const { process, miro } = createWorld()
  const fine = 'x'.repeat(43)
  for (const codeVerifier of ['', fine.slice(1), 'x'.repeat(129), `${fine} `, `${fine}\n`, `${fine}+`, `${fine}é`, null, 43, [fine]]) {
    const error = await process().exchange('a code', { redirectUri, codeVerifier: codeVerifier as string }).catch((error: unknown) => error)
    t.match(error, { code: 'MIRO_CONFIG', message: /^codeVerifier must have 43 to 128 characters/ })
  }
  t.strictSame(miro.requests, [])
})

const refusals: Record<string, { answer: () => Response, code: string }> = {
  invalid_grant: { answer: () => json(400, { error: 'invalid_grant' }), code: 'MIRO_CODE_REJECTED' },
  'Miro\'s envelope': { answer: () => envelope(401, 'oauthError'), code: 'MIRO_CODE_REJECTED' },
  'an empty 401': { answer: () => new Response('', { status: 401 }), code: 'MIRO_CODE_REJECTED' },
  invalid_client: { answer: () => json(401, { error: 'invalid_client' }), code: 'MIRO_CONFIG' },
  'words about the client': { answer: () => json(401, { status: 401, code: 'oauthError', message: 'Invalid client credentials', type: 'error' }), code: 'MIRO_CONFIG' },
  'words about the redirect URI': { answer: () => json(401, { status: 401, code: 'oauthError', message: 'Redirect URI mismatch.', type: 'error' }), code: 'MIRO_CONFIG' },
  'Miro\'s 404': { answer: () => envelope(404, 'notFound'), code: 'MIRO_BAD_RESPONSE' },
  'a redirect': { answer: () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/' } }), code: 'MIRO_BAD_RESPONSE' },
  'a page': { answer: () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }), code: 'MIRO_BAD_RESPONSE' },
  'a MAC token': { answer: () => json(200, { access_token: 'a', token_type: 'mac', user_id: '1', team_id: '2' }), code: 'MIRO_BAD_RESPONSE' },
  'a DPoP token': { answer: () => json(200, { access_token: 'a', token_type: 'DPoP', user_id: '1', team_id: '2' }), code: 'MIRO_BAD_RESPONSE' },
  'a token without ids': { answer: () => json(200, { access_token: 'a', token_type: 'bearer' }), code: 'MIRO_BAD_RESPONSE' },
  503: { answer: () => envelope(503, 'x'), code: 'MIRO_UNAVAILABLE' },
  '429 for a minute': { answer: () => new Response('', { status: 429, headers: { 'retry-after': '60' } }), code: 'MIRO_UNAVAILABLE' },
  '429 for ever': { answer: () => new Response('', { status: 429, headers: { 'retry-after': '3' } }), code: 'MIRO_UNAVAILABLE' }
}

for (const [name, { answer, code }] of Object.entries(refusals)) {
  t.test(`exchange: answered with ${name}, gives ${code} and stores nothing`, async (t) => {
    const { process, miro, clock } = createWorld()
    miro.answer = answer
    const exchanging = codeOf(process().exchange('a code', { redirectUri, appUserId: 'ada' }))
    await clock.advance(8000)
    t.equal(await exchanging, code)
    t.strictSame(await process().grants('ada'), [])
  })
}

t.test('exchange: a code whose request was not sent, or put off for a moment, is sent again; one whose answer was lost is not', async (t) => {
  const failures: Record<string, { fail: () => Response, isRetried: boolean }> = {
    ECONNREFUSED: { fail: () => { throw refused('ECONNREFUSED') }, isRetried: true },
    'a connect that times out': { fail: () => { throw refused('ETIMEDOUT') }, isRetried: true },
    '429 for two seconds': { fail: () => new Response('', { status: 429, headers: { 'retry-after': '2' } }), isRetried: true },
    '429 for seven seconds': { fail: () => new Response('', { status: 429, headers: { 'retry-after': '7' } }), isRetried: true },
    'a reset': { fail: () => { throw new TypeError('fetch failed', { cause: Object.assign(new Error('read'), { code: 'ECONNRESET' }) }) }, isRetried: false },
    502: { fail: () => envelope(502, 'x'), isRetried: false }
  }
  for (const [name, { fail, isRetried }] of Object.entries(failures)) {
    const { process, miro, clock } = createWorld()
    miro.answer = () => miro.requests.length === 1 ? fail() : new Response(miro.issue())
    const exchanging = codeOf(process().exchange('a code', { redirectUri }))
    await clock.advance(8000)
    t.equal(await exchanging, isRetried ? null : 'MIRO_UNAVAILABLE', name)
    t.equal(miro.requests.length, isRetried ? 2 : 1, name)
  }
})

t.test('exchange: the cause of MIRO_UNAVAILABLE says what happened, and shows neither code nor secret', async (t) => {
  const { process, miro } = createWorld()
  miro.answer = () => { throw new TypeError('fetch failed', { cause: Object.assign(new Error('planted'), { code: 'ECONNRESET', data: 'planted-client-secret' }) }) }
  const error = await process().exchange('planted-code', { redirectUri }).catch((error: unknown) => error)
  t.match(error, { code: 'MIRO_UNAVAILABLE', cause: { code: 'ECONNRESET', message: 'The request to Miro failed with ECONNRESET.' } })
  t.notMatch(String((error as { stack: string }).stack), /planted/)
})

t.test('exchange: a body without end, or no answer at all, ends after 30 seconds at the latest', async (t) => {
  const clock = createFakeClock()
  const { process } = createWorld()
  const silent = process({ clock, fetch: () => new Promise<Response>(() => {}) })
  const exchanging = codeOf(silent.exchange('a code', { redirectUri }))
  await clock.advance(30_000)
  t.equal(await exchanging, 'MIRO_UNAVAILABLE')
})
