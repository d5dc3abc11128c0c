import t from 'tap'
import { approve, authorizeUrl, exchange, memberships, send, startEmulator } from './fixtures/visitor.js'

t.test('authorize page: shows the app, its scopes and a choice for each person in each team', async (t) => {
  const emulator = await startEmulator(t, {
    seed: { app: { name: 'Whiteboard mirror', scopes: ['boards:read', 'custom:thing'] } }
  })
  const page = await send(authorizeUrl(emulator))
  t.equal(page.status, 200)
  t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
  for (const text of [
    'Whiteboard mirror', 'See your boards', 'boards:read', 'custom:thing', 'Ada Lovelace', 'Grace Hopper',
    'Harbour Studio', 'Install &amp; authorize', 'Decline', 'href="/"'
  ]) {
    t.ok(page.text.includes(text), text)
  }
  t.equal((await memberships(emulator)).length, 5)
  t.equal(page.text.match(/<input type="radio"[^>]* checked>/g)?.length, 1, 'one choice is preselected')
  t.notOk(page.text.includes('state-1'), 'the state is not copied into the page')
})

t.test('authorize page: its headers forbid scripts and frames, but not the redirects after the form', async (t) => {
  const emulator = await startEmulator(t)
  const { headers, text } = await send(authorizeUrl(emulator))
  const policy = headers.get('content-security-policy') ?? ''
  t.match(policy, /default-src 'none'; style-src 'sha256-[^']+'/)
  t.match(policy, /frame-ancestors 'none'/)
  t.notMatch(policy, /form-action|unsafe/)
  t.equal(headers.get('cache-control'), 'no-store')
  t.equal(headers.get('x-content-type-options'), 'nosniff')
  t.equal(headers.get('referrer-policy'), 'no-referrer')
  t.notMatch(text, /<script|javascript:|style="/)
})

t.test('authorize page: team_id preselects a team, and an unknown or empty one is ignored', async (t) => {
  const emulator = await startEmulator(t)
  const values = await memberships(emulator)
  const selected = async (teamId: string) => {
    const page = await send(authorizeUrl(emulator, { team_id: teamId }))
    return /value="([^"]+)" required checked/.exec(page.text)?.[1]
  }
  const secondTeam = values[1]?.split('/')[1] ?? ''
  t.equal(await selected(secondTeam), values[1])
  t.equal(await selected('404'), values[0])
  t.equal(await selected(''), values[0])
})

t.test('authorize: the callback gets code, state, client_id and team_id', async (t) => {
  const emulator = await startEmulator(t)
  const state = 'a b&c=d+e/"<é>\n%'
  const callback = await approve(emulator, { url: authorizeUrl(emulator, { state }), index: 1 })
  t.equal(callback.origin + callback.pathname, 'http://localhost:3000/auth/miro/callback')
  t.same([...callback.searchParams.keys()], ['code', 'state', 'client_id', 'team_id'])
  t.match(callback.searchParams.get('code'), /^eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_[\w-]{27}$/)
  t.equal(callback.searchParams.get('state'), state)
  t.equal(callback.searchParams.get('client_id'), emulator.app.clientId)
  t.equal(callback.searchParams.get('team_id'), (await memberships(emulator))[1]?.split('/')[1])
})

t.test('authorize: the callback gets no state if none was sent, and an empty one if that was sent', async (t) => {
  const emulator = await startEmulator(t)
  const stateAfter = async (state: string | undefined) =>
    (await approve(emulator, { url: authorizeUrl(emulator, { state }) })).searchParams.get('state')
  t.equal(await stateAfter(undefined), null)
  t.equal(await stateAfter(''), '')
})

t.test('authorize: declining sends access_denied and the state, and no code', async (t) => {
  const emulator = await startEmulator(t)
  const decline = { method: 'POST', body: new URLSearchParams({ decision: 'decline' }) }
  const answer = await send(authorizeUrl(emulator), decline)
  const callback = new URL(answer.headers.get('location') ?? '')
  t.equal(answer.status, 302)
  t.equal(callback.searchParams.get('error'), 'access_denied')
  t.ok(callback.searchParams.get('error_description'))
  t.equal(callback.searchParams.get('state'), 'state-1')
  t.equal(callback.searchParams.get('code'), null)
  const stateless = await send(authorizeUrl(emulator, { state: undefined }), decline)
  t.notMatch(stateless.headers.get('location'), /state=/)
})

t.test('authorize: the query of the redirect URI is kept as it is', async (t) => {
  const redirectUris = ['http://localhost:3000/cb?tenant=a%20b', 'http://localhost:3000/cb?']
  const emulator = await startEmulator(t, { seed: { app: { redirectUris } } })
  const first = await approve(emulator, { url: authorizeUrl(emulator, { redirect_uri: redirectUris[0] }) })
  const second = await approve(emulator, { url: authorizeUrl(emulator, { redirect_uri: redirectUris[1] }) })
  t.match(first.href, /^http:\/\/localhost:3000\/cb\?tenant=a%20b&code=/)
  t.match(second.href, /^http:\/\/localhost:3000\/cb\?code=/)
})

t.test('authorize: a redirect URI that differs in any letter gets an error page and no redirect', async (t) => {
  const emulator = await startEmulator(t)
  const registered = emulator.app.redirectUris[0] ?? ''
  for (const uri of [
    `${registered}/`, registered.replace('localhost', '127.0.0.1'), registered.replace('http:', 'https:'),
    `${registered}?a=1`, registered.toUpperCase(), 'javascript:alert(1)'
  ]) {
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? new URLSearchParams({ decision: 'decline' }) : null
      const answer = await send(authorizeUrl(emulator, { redirect_uri: uri }), { method, body })
      t.equal(answer.status, 400, `${method} ${uri}`)
      t.equal(answer.headers.get('location'), null)
      t.match(answer.text, /Invalid redirect_uri: .* does not match any of the application registered values\./)
    }
  }
})

t.test('authorize: every other invalid request gets an error page and no redirect', async (t) => {
  const emulator = await startEmulator(t)
  const wrong = {
    'no client id': authorizeUrl(emulator, { client_id: undefined }),
    'unknown client id': authorizeUrl(emulator, { client_id: '1' }),
    'no redirect URI': authorizeUrl(emulator, { redirect_uri: undefined }),
    'no response type': authorizeUrl(emulator, { response_type: undefined }),
    'implicit flow': authorizeUrl(emulator, { response_type: 'token' }),
    nothing: emulator.authorizeUrl,
    'repeated state': `${authorizeUrl(emulator)}&state=2`,
    'repeated redirect URI': `${authorizeUrl(emulator)}&redirect_uri=http%3A%2F%2Fevil.example`
  }
  for (const [name, url] of Object.entries(wrong)) {
    const answer = await send(url)
    t.equal(answer.status, 400, name)
    t.equal(answer.headers.get('location'), null)
    t.match(answer.headers.get('content-type'), /^text\/html/)
  }
})

t.test('pages: markup in parameters and in the seed is escaped', async (t) => {
  const attack = '"><script>alert(1)</script>'
  const emulator = await startEmulator(t, {
    seed: { app: { name: `App ${attack}`, scopes: [attack] }, users: [{ id: '7', name: attack }] }
  })
  const urls = [
    authorizeUrl(emulator, { state: attack, team_id: attack }),
    authorizeUrl(emulator, { client_id: attack }),
    authorizeUrl(emulator, { redirect_uri: attack }),
    authorizeUrl(emulator, { response_type: attack }),
    `${emulator.url}/`
  ]
  for (const url of urls) {
    const { text } = await send(url)
    t.notOk(text.includes('<script'), url)
    t.notOk(text.includes('"><s'), url)
  }
})

t.test('authorize: a missing or impossible choice shows the page again with the problem', async (t) => {
  const emulator = await startEmulator(t)
  const values = await memberships(emulator)
  const graceId = values[2]?.split('/')[0]
  const secondTeam = values[1]?.split('/')[1]
  const forms = [
    {}, { decision: 'authorize' }, { decision: 'authorize', membership: 'x' },
    { decision: 'authorize', membership: `${graceId}/${secondTeam}` },
    { decision: 'maybe', membership: values[0] ?? '' }
  ]
  for (const form of forms) {
    const answer = await send(authorizeUrl(emulator), { method: 'POST', body: new URLSearchParams(form) })
    t.equal(answer.status, 400, JSON.stringify(form))
    t.match(answer.text, /role="alert"/)
    t.match(answer.text, /Install &amp; authorize/)
  }
})

t.test('authorize: a form that is JSON, empty or sent by another site gives no code', async (t) => {
  const emulator = await startEmulator(t)
  const url = authorizeUrl(emulator)
  const [membership = ''] = await memberships(emulator)
  const body = new URLSearchParams({ decision: 'authorize', membership })
  const json = { 'content-type': 'application/json' }
  t.equal((await send(url, { method: 'POST' })).status, 400)
  const jsonBody = JSON.stringify({ decision: 'authorize', membership })
  t.equal((await send(url, { method: 'POST', headers: json, body: jsonBody })).status, 400)
  t.equal((await send(url, { method: 'POST', headers: json, body: '{' })).status, 400)
  t.equal((await send(url, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' }, body })).status, 403)
  t.equal((await send(url, { method: 'POST', headers: { 'sec-fetch-site': 'same-site' }, body })).status, 403)
  t.equal((await send(url, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' }, body })).status, 302)
})

t.test('authorize: HEAD, malformed encoding and long parameters are answered without an error 500', async (t) => {
  const emulator = await startEmulator(t)
  const head = await send(authorizeUrl(emulator), { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(head.text, '')
  t.equal((await send(`${emulator.authorizeUrl}?client_id=%E0%A4%A&state=%`)).status, 400)
  t.equal((await send(`${authorizeUrl(emulator, { state: undefined })}&state=%E0%A4%A`)).status, 200)
  t.equal((await send(authorizeUrl(emulator, { redirect_uri: 'x'.repeat(8_000) }))).status, 400)
  t.equal((await send(authorizeUrl(emulator, { state: 'x'.repeat(8_000) }))).status, 200)
  t.equal((await send(authorizeUrl(emulator), { method: 'PUT' })).status, 404)
})

t.test('authorize: the code is for the chosen person and team', async (t) => {
  const emulator = await startEmulator(t)
  const values = await memberships(emulator)
  for (const [index, value] of values.entries()) {
    const callback = await approve(emulator, { index })
    const { json } = await exchange(emulator, callback.searchParams.get('code') ?? '')
    t.equal(`${json['user_id']}/${json['team_id']}`, value)
  }
})
