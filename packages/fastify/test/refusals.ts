import t, { type Test } from 'tap'
import type { IncomingMessage, ServerResponse } from 'node:http'
import Fastify, { type FastifyRequest } from 'fastify'
import { fastifyMiro, memoryStore, type Store } from '../src/index.js'
import { Browser, locationOf } from './fixtures/browser.js'
import {
  authorize, cookieSecret, createTokenEndpoint, createWorld, members, redirectUri, signIn, toCallback
} from './fixtures/world.js'

const callbackPath = '/auth/miro/callback'
const planted = 'planted-input'

/** A bad callback never reaches the token endpoint, never ends in a 5xx and never shows its input. */
async function refused (t: Test, world: Awaited<ReturnType<typeof createWorld>>, url: string, expected: {
  code: string
  status?: number
}, headers: Record<string, string> = {}, person = world.browser()): Promise<void> {
  const before = world.tokenRequests()
  for (const answer of [await person.go(url, headers), await person.call(url, headers)]) {
    t.equal(answer.statusCode, expected.status ?? 400, url)
    t.match(answer.body, expected.code)
    t.notOk(answer.body.includes(planted) || JSON.stringify(answer.headers).includes(planted), 'shows nothing of its input')
    t.match(answer.headers, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    t.notOk(answer.headers.location)
  }
  t.equal(world.tokenRequests(), before)
}

t.test('callback: without a flow of this browser it is refused, and no code is exchanged (CSRF)', async (t) => {
  const world = await createWorld(t)
  const code = `code=${planted}`
  const cases: Array<[query: string, code: string, status?: number]> = [
    ['', 'MIRO_CALLBACK_STATE_MISSING'],
    [`?${code}`, 'MIRO_CALLBACK_STATE_MISSING'],
    [`?${code}&state=`, 'MIRO_CALLBACK_STATE_MISSING'],
    [`?${code}&state=${planted}`, 'MIRO_CALLBACK_STATE_UNKNOWN'],
    [`?${code}&state=%00%ff${planted}<script>`, 'MIRO_CALLBACK_STATE_UNKNOWN'],
    [`?${code}&state=${'x'.repeat(8000)}`, 'MIRO_CALLBACK_STATE_UNKNOWN'],
    [`?${code}&state=__proto__`, 'MIRO_CALLBACK_STATE_UNKNOWN'],
    [`?${code}&state=${planted}&state=${planted}`, 'MIRO_CALLBACK_PARAMETER_REPEATED'],
    [`?${code}&${code}&state=x`, 'MIRO_CALLBACK_PARAMETER_REPEATED'],
    [`?error=access_denied&error=${planted}`, 'MIRO_CALLBACK_PARAMETER_REPEATED'],
    ['?utm=1&utm=2', 'MIRO_CALLBACK_PARAMETER_REPEATED'],
    ['?error=access_denied', 'MIRO_ACCESS_DENIED', 403],
    ['?error=', 'MIRO_CALLBACK_STATE_MISSING'],
    [`?error=${planted}&error_description=<b>${planted}</b>&error_uri=javascript:${planted}`, 'MIRO_CALLBACK_STATE_MISSING'],
    ['?error=server_error', 'MIRO_CALLBACK_STATE_MISSING'],
    [`?error=access_denied&state=${planted}`, 'MIRO_CALLBACK_STATE_UNKNOWN'],
    ['?%E0%A4%A=1', 'MIRO_CALLBACK_STATE_MISSING'],
    ['?state[]=a&code[a]=b', 'MIRO_CALLBACK_STATE_MISSING']
  ]
  for (const [query, expected, status] of cases) {
    await refused(t, world, callbackPath + query, status === undefined
      ? {
          code: expected
        }
      : { code: expected, status })
  }
})

t.test('callback: a state of another browser is unknown here, and still works in its own browser', async (t) => {
  const world = await createWorld(t)
  const [person, stranger] = [world.browser(), world.browser()]
  const callback = await toCallback(person)
  await refused(t, world, callback, { code: 'MIRO_CALLBACK_STATE_UNKNOWN' }, {}, stranger)
  t.equal((await person.go(callback)).statusCode, 303)
})

t.test('callback: a used state is refused in a browser that has the flow cookie but not the session', async (t) => {
  const world = await createWorld(t)
  const person = world.browser()
  const callback = await toCallback(person)
  const thief = world.browser()
  for (const [name, value] of person.cookies) thief.cookies.set(name, value)
  await person.go(callback)
  await refused(t, world, callback, { code: 'MIRO_CALLBACK_STATE_USED' }, {}, thief)
})

t.test('callback: a state older than ten minutes is refused', async (t) => {
  const world = await createWorld(t)
  const person = world.browser()
  const callback = await toCallback(person)
  world.emulator.clock.advance(600_001)
  await refused(t, world, callback, { code: 'MIRO_CALLBACK_STATE_EXPIRED' }, {}, person)
})

t.test('callback: in a flow of this browser, another client, a missing code and a refusal each have their error', async (t) => {
  const world = await createWorld(t)
  const person = world.browser()
  const state = locationOf(await person.go('/auth/miro/login')).searchParams.get('state') ?? ''
  await refused(t, world, `${callbackPath}?state=${state}&code=x&client_id=${planted}`, { code: 'MIRO_CALLBACK_CLIENT_MISMATCH' }, {}, person)
  await refused(t, world, `${callbackPath}?state=${state}`, { code: 'MIRO_CALLBACK_CODE_MISSING' }, {}, person)
  await refused(t, world, `${callbackPath}?state=${state}&code=`, { code: 'MIRO_CALLBACK_CODE_MISSING' }, {}, person)
  await refused(t, world, `${callbackPath}?state=${state}&error=access_denied&code=${planted}`, { code: 'MIRO_ACCESS_DENIED', status: 403 }, {}, person)
})

t.test('callback: the errors of RFC 6749 are told apart, and only a decline calls the hook for one', async (t) => {
  const declined: string[] = []
  const lines: string[] = []
  const logger = { level: 'info', stream: { write: (line: string) => { lines.push(line) } } }
  const hooks = { onDeclined: ({ request }: { request: FastifyRequest }) => { declined.push(request.method) } }
  const { browser, tokenRequests } = await createWorld(t, { hooks }, { logger })
  const person = browser()
  const state = locationOf(await person.go('/auth/miro/login?returnTo=/boards')).searchParams.get('state') ?? ''
  for (const [error, code, status] of [
    ['server_error', 'MIRO_UNAVAILABLE', 503], ['temporarily_unavailable', 'MIRO_UNAVAILABLE', 503],
    ['invalid_request', 'MIRO_CONFIG', 502], ['unauthorized_client', 'MIRO_CONFIG', 502],
    ['unsupported_response_type', 'MIRO_CONFIG', 502], ['invalid_scope', 'MIRO_CONFIG', 502],
    [planted, 'MIRO_CONFIG', 502], ['', 'MIRO_CONFIG', 502]
  ] as const) {
    const answer = await person.go(`${callbackPath}?error=${error}&error_description=${planted}&state=${state}`)
    t.equal(answer.statusCode, status, error)
    t.match(answer.body, code)
    if (error !== planted && error !== '') t.match(lines.join(''), `Miro ended the flow with ${error}.`)
  }
  t.equal((await person.go(`${callbackPath}?error=access_denied`)).statusCode, 403)
  t.strictSame(declined, [], 'nor does a decline without a flow, which anyone may send')
  t.notMatch(lines.join(''), planted)
  t.equal((await person.go(`${callbackPath}?error=access_denied&state=${state}`)).statusCode, 403)
  t.strictSame(declined, ['GET'])
  t.equal(tokenRequests(), 0)
})

t.test('callback: a failure is told at an address without code and state, again after a reload, and to no other browser', async (t) => {
  let refusals = 0
  const { app, browser, emulator } = await createWorld(t, { hooks: { onRefused: () => { refusals++ } } })
  const person = browser()
  const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
  const moved = await person.send({ url: `${callbackPath}?code=${planted}&state=${planted}`, headers: page })
  t.equal(moved.statusCode, 303)
  t.equal(moved.headers.location, callbackPath)
  t.match(moved.headers, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  t.notMatch(JSON.stringify(moved.headers) + moved.body, planted)
  for (const look of ['at first', 'after a reload']) {
    const told = await person.send({ url: callbackPath, headers: page })
    t.equal(told.statusCode, 400, look)
    t.match(told.body, 'MIRO_CALLBACK_STATE_UNKNOWN')
  }
  t.equal(refusals, 1, 'telling it again is no further refusal')
  t.match((await browser().send({ url: callbackPath, headers: page })).body, 'MIRO_CALLBACK_STATE_MISSING', 'another browser')
  t.equal((await person.call(callbackPath)).json().code, 'MIRO_CALLBACK_STATE_MISSING', 'a script')

  const [name = ''] = person.named('result')
  emulator.clock.advance(240_000)
  t.match((await person.send({ url: callbackPath, headers: page })).body, 'MIRO_CALLBACK_STATE_UNKNOWN', 'not yet five minutes later')
  emulator.clock.advance(60_001)
  t.match((await person.send({ url: callbackPath, headers: page })).body, 'MIRO_CALLBACK_STATE_MISSING', 'five minutes later')

  const [flow = ''] = await toCallback(person).then(() => person.named('flow'))
  const transplanted = { [name]: String(person.cookies.get(flow)) }
  t.match((await app.inject({ url: callbackPath, headers: page, cookies: transplanted })).body, 'MIRO_CALLBACK_STATE_MISSING', 'a cookie of ours for another use')
})

t.test('callback: a grant that is refused after the exchange is ended at Miro, unless it stood there before', async (t) => {
  const { browser, emulator } = await createWorld(t, { requiredScopes: ['boards:read', 'team:read'] })
  t.equal((await signIn(browser(), undefined, { as: members.adaAtAcme })).statusCode, 403)
  t.equal(emulator.log.filter(({ path }) => path === '/v1/oauth/token').length, 1)
  t.equal(emulator.ledger.live(members.adaAtAcme, emulator.miroClock.now()).length, 0)
})

t.test('callback: a narrower consent does not end the grant that stood there before', async (t) => {
  const store = memoryStore()
  const wide = await createWorld(t, { store })
  await signIn(wide.browser(), undefined, { as: members.adaAtAcme })
  const { clientId, clientSecret } = wide.emulator.app
  const narrow = Fastify()
  t.teardown(() => narrow.close())
  const { authorizeUrl, apiUrl } = wide.emulator
  await narrow.register(fastifyMiro, { clientId, clientSecret, redirectUri, cookieSecret, store, clock: wide.emulator.clock, requiredScopes: ['team:read'], endpoints: { authorizeUrl, apiUrl } })
  t.equal((await signIn(new Browser(narrow), undefined, { as: members.adaAtAcme })).statusCode, 403)
  t.equal((await wide.app.miro.auth.grants(members.adaAtAcme.userId)).length, 1)
})

for (const pkce of ['ignore', 'enforce', 'refuse'] as const) {
  t.test(`PKCE: with the option on, where Miro would ${pkce} it`, async (t) => {
    const { browser, emulator } = await createWorld(t, { pkce: 'S256' }, {}, { pkce })
    const person = browser()
    const miro = locationOf(await person.go('/auth/miro/login'))
    t.match(miro.searchParams.get('code_challenge'), /^[\w-]{43}$/)
    t.equal(miro.searchParams.get('code_challenge_method'), 'S256')
    if (pkce === 'refuse') {
      t.equal((await fetch(miro)).status, 400)
      return
    }
    const callback = await authorize(miro)
    t.equal((await person.go(callback.pathname + callback.search)).statusCode, 303)
    t.equal((await person.call('/me')).statusCode, 200)

    // The code of one flow does not work in another.
    const [victim, attacker] = [browser(), browser()]
    const stolen = new URL(await toCallback(victim), 'http://localhost:3000').searchParams.get('code')
    const state = locationOf(await attacker.go('/auth/miro/login')).searchParams.get('state')
    const answer = await attacker.go(`${callbackPath}?code=${stolen}&state=${state}`)
    t.equal(answer.statusCode, pkce === 'enforce' ? 400 : 303)
    t.equal(attacker.named('session').length, pkce === 'enforce' ? 0 : 1)
    t.ok(emulator.log.length > 0)
  })
}

t.test('PKCE: a flow that was begun without it, or under the secret before, completes after a deploy', async (t) => {
  const store = memoryStore()
  const old = await createWorld(t, { store, cookieSecret: 'the secret of before, the secret of before' }, {}, { pkce: 'enforce' })
  const { clientId, clientSecret } = old.emulator.app
  const { authorizeUrl, apiUrl } = old.emulator
  for (const begunWith of [undefined, 'S256'] as const) {
    old.emulator.set({ pkce: begunWith === undefined ? 'ignore' : 'enforce' })
    const endpoints = { authorizeUrl, apiUrl }
    const shared = { clientId, clientSecret, redirectUri, store, clock: old.emulator.clock, endpoints }
    const [before, after] = [Fastify(), Fastify()]
    t.teardown(async () => { await before.close(); await after.close() })
    await before.register(fastifyMiro, { ...shared, cookieSecret, pkce: begunWith })
    await after.register(fastifyMiro, { ...shared, cookieSecret: ['a new secret, a new secret, a new secret', cookieSecret], pkce: begunWith === undefined ? 'S256' : undefined })
    const person = new Browser(before)
    const callback = await toCallback(person)
    const later = new Browser(after)
    for (const [name, value] of person.cookies) later.cookies.set(name, value)
    t.equal((await later.go(callback)).statusCode, 303)
    t.equal(later.named('session').length, 1)
  }
})

t.test('callback: a sign-in that succeeds takes the failure before it away', async (t) => {
  const { browser } = await createWorld(t)
  const person = browser()
  await person.go(`${callbackPath}?code=x&state=x`)
  t.equal(person.named('result').length, 1)
  await signIn(person)
  t.equal(person.named('result').length, 0)
})

t.test('callback: declining on Miro\'s page gives the declined page, with a way to try again', async (t) => {
  const world = await createWorld(t)
  const person = world.browser()
  const answer = await signIn(person, '/auth/miro/login', { decision: 'decline' })
  t.equal(answer.statusCode, 403)
  t.match(answer.headers['content-type'], 'text/html')
  t.match(answer.headers['content-security-policy'], "default-src 'none'")
  t.match(answer.body, 'href="/auth/miro/login"')
  t.equal(world.tokenRequests(), 0)
})

t.test('callback: forged, truncated and transplanted flow cookies open nothing', async (t) => {
  const world = await createWorld(t)
  const person = world.browser()
  const callback = await toCallback(person)
  const other = await toCallback(person)
  const [one = '', two = ''] = person.named('flow')
  const [sealedOne = '', sealedTwo = ''] = [person.cookies.get(one), person.cookies.get(two)]
  const tampered: Array<[first: string, second: string]> = [
    [sealedTwo, sealedOne],
    [sealedOne.slice(0, -4), sealedTwo.slice(0, 40)],
    [sealedOne.replace(/.(?=.{9}$)/, (one) => one === 'A' ? 'B' : 'A'), ''],
    ['forged', '%%%'],
    [Buffer.from('{"state":"x"}').toString('base64url'), 'eyJhbGciOiJub25lIn0.e30.']
  ]
  for (const [first, second] of tampered) {
    person.cookies.set(one, first)
    person.cookies.set(two, second)
    await refused(t, world, callback, { code: 'MIRO_CALLBACK_STATE_UNKNOWN' }, {}, person)
    await refused(t, world, other, { code: 'MIRO_CALLBACK_STATE_UNKNOWN' }, {}, person)
  }
  person.cookies.set(one, sealedOne)
  person.cookies.set(two, sealedTwo)
  t.equal((await person.go(callback)).statusCode, 303)
})

t.test('session: a cookie that is forged, cut or hints at another person\'s grant gives no access to it', async (t) => {
  const { browser, app } = await createWorld(t)
  const [ada, grace] = [browser(), browser()]
  await signIn(ada, '/auth/miro/login', { choice: 0 })
  await signIn(grace, '/auth/miro/login', { choice: 2 })
  const [name = ''] = ada.named('session')
  const [adaId, adaHint] = partsOf(ada.cookies.get(name))
  const [, graceHint] = partsOf(grace.cookies.get(name))
  const who = async (value: string): Promise<unknown> => {
    const answer = await app.inject({ url: '/me', headers: { cookie: `${name}=${value}` } })
    return answer.json().userName ?? answer.statusCode
  }
  t.equal(await who(`${adaId}.${adaHint}`), 'Ada Lovelace')
  t.equal(await who(`${adaId}.${graceHint}`), 'Ada Lovelace', 'the session decides, not the hint')
  t.equal(await who(adaId), 'Ada Lovelace', 'nor that there is one')
  const nobody = ['', '.', 'x', `${adaId}.`, `${adaId}.1`, `${adaId}.1.`, `.${graceHint}`, `${'A'.repeat(43)}.${graceHint}`, 'A'.repeat(43), `${adaId.slice(1)}.${adaHint}`, '__proto__', '%00']
  for (const value of nobody) t.equal(await who(value), 401, value)
})

/** The session's id, and the hint of its grant. */
function partsOf (cookie = ''): [id: string, hint: string] {
  const [id = '', ...hint] = cookie.split('.')
  return [id, hint.join('.')]
}

t.test('routes: HEAD, POST and every other method get 405 and redeem no flow', async (t) => {
  const world = await createWorld(t)
  const person = world.browser()
  const callback = await toCallback(person)
  for (const method of ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const) {
    const answer = await person.send({ method, url: callback, ...(method === 'HEAD' || method === 'TRACE' ? {} : { payload: 'x', headers: { 'content-type': 'application/x-anything' } }) })
    t.equal(answer.statusCode, 405, method)
    t.equal(answer.headers.allow, 'GET')
  }
  for (const path of ['/auth/miro/logout', '/auth/miro/disconnect']) {
    for (const method of ['GET', 'HEAD', 'PUT'] as const) t.equal((await person.send({ method, url: path })).statusCode, 405, `${method} ${path}`)
  }
  t.equal(world.tokenRequests(), 0)
  t.equal((await person.go(callback)).statusCode, 303)
})

const prefetches: Array<Record<string, string>> = [
  { 'Sec-Purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { 'sec-purpose': 'prefetch;anonymous-client-ip, x' },
  { 'X-Sec-Purpose': 'Prefetch' },
  { Purpose: 'prefetch' },
  { 'X-Purpose': 'preview' },
  { 'X-Purpose': 'instant, PREFETCH' },
  { 'X-Moz': 'prefetch' },
  { Moz: 'prefetch' },
  { Purpose: 'preload' },
  { 'HX-Preloaded': 'true' },
  { 'Next-Router-Prefetch': '1' }
]

t.test('prefetch: every route declines it with an error, and begins, spends and pushes out nothing', async (t) => {
  const world = await createWorld(t)
  const person = world.browser()
  const callback = await toCallback(person)
  const cookies = [...person.cookies]
  for (const headers of prefetches) {
    for (const url of [callback, '/auth/miro/login', '/auth/miro/login?returnTo=%2Fboards', '/auth/miro/logout', '/auth/miro/disconnect']) {
      for (const method of ['GET', 'HEAD'] as const) {
        const answer = await person.send({ method, url, headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', ...headers } })
        const isRoute = method === 'GET' && !/logout|disconnect/.test(url)
        t.equal(answer.statusCode, isRoute ? 412 : 405, `${method} ${url} ${JSON.stringify(headers)}`)
        t.equal(answer.body, '')
        t.equal(answer.headers['cache-control'], 'no-store')
        t.notOk(answer.headers['set-cookie'])
      }
    }
  }
  t.same([...person.cookies], cookies)
  t.equal(world.tokenRequests(), 0)
  t.equal((await person.go(callback)).statusCode, 303)
})

t.test('prefetch: that of a protected page is led to a login which declines it', async (t) => {
  const { browser } = await createWorld(t)
  const person = browser()
  for (const headers of prefetches) {
    const { pathname, search } = locationOf(await person.go('/boards', headers))
    t.equal((await person.go(pathname + search, headers)).statusCode, 412)
  }
  t.equal(person.cookies.size, 0)
})

t.test('prefetch: other words of these headers do not make one', async (t) => {
  const { browser } = await createWorld(t)
  const others: Array<Record<string, string>> = [{ 'sec-purpose': '' }, { purpose: 'navigate' }, { 'x-moz': 'livebookmarks' }, { 'x-prefetch-not': 'prefetch' }]
  for (const headers of others) t.equal((await browser().go('/auth/miro/login', headers)).statusCode, 303, JSON.stringify(headers))
})

t.test('prefetch: a POST is none, and does what it should', async (t) => {
  const world = await createWorld(t)
  for (const headers of prefetches) {
    const person = world.browser()
    await signIn(person)
    const cookies = [...person.cookies]
    t.equal((await person.submit('/auth/miro/logout', headers)).statusCode, 303)
    t.same(person.named('session'), [])
    for (const [name, value] of cookies) person.cookies.set(name, value)
    t.equal((await person.call('/me')).statusCode, 401, 'the session is over')
  }
  const person = world.browser()
  await signIn(person)
  t.equal((await person.submit('/auth/miro/logout', { 'sec-purpose': 'prefetch', 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  t.equal((await person.submit('/auth/miro/disconnect', { 'sec-purpose': 'prefetch' })).statusCode, 303)
  t.equal((await person.call('/me')).statusCode, 401)
})

t.test('logout: it and disconnect lead somewhere when a service worker passes the form on', async (t) => {
  const { browser } = await createWorld(t, { afterLogout: '/bye' })
  for (const path of ['/auth/miro/logout', '/auth/miro/disconnect']) {
    for (const destination of ['empty', 'iframe', 'document', '']) {
      const person = browser()
      await signIn(person)
      const answer = await person.submit(path, { 'sec-fetch-dest': destination })
      t.equal(answer.statusCode, 303, `${path} ${destination}`)
      t.equal(answer.headers.location, '/bye')
    }
  }
})

t.test('callback: a forged Host header changes neither the callback nor its redirect', async (t) => {
  const world = await createWorld(t, {}, { trustProxy: true })
  const person = world.browser()
  const callback = await toCallback(person)
  const answer = await person.go(callback, { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' })
  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, 'http://localhost:3000/')
})

t.test('logout, disconnect: a POST from another site is refused (CSRF)', async (t) => {
  const { browser } = await createWorld(t)
  const person = browser()
  await signIn(person)
  const foreign: Array<Record<string, string>> = [
    { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:3000' }
  ]
  for (const path of ['/auth/miro/logout', '/auth/miro/disconnect']) {
    for (const headers of foreign) {
      const answer = await person.submit(path, headers)
      t.equal(answer.statusCode, 403)
      t.match(answer.body, 'MIRO_CROSS_SITE')
    }
    for (const origin of [undefined, 'null', 'https://localhost:3000', 'http://localhost:3000.evil.example', 'http://evil.example']) {
      const answer = await person.send({ method: 'POST', url: path, headers: origin === undefined ? {} : { origin } })
      t.equal(answer.json().code, 'MIRO_CROSS_SITE', String(origin))
    }
  }
  t.equal((await person.call('/me')).statusCode, 200)
  t.equal((await person.send({ method: 'POST', url: '/auth/miro/logout', headers: { origin: 'http://localhost:3000' } })).statusCode, 204)
})

t.test('requireGrant: without a grant a call gets 401 with the login URL, and a navigation is redirected there', async (t) => {
  const { browser } = await createWorld(t)
  const person = browser()
  const refusedCall = await person.call('/boards')
  t.equal(refusedCall.statusCode, 401)
  t.same(Object.keys(refusedCall.json()), ['code', 'message', 'loginUrl'])
  t.equal(refusedCall.json().code, 'MIRO_NOT_CONNECTED')
  t.equal((await person.call('/bare')).json().code, 'MIRO_NOT_CONNECTED')
  const posted = await person.send({ method: 'POST', url: '/boards', headers: { accept: 'text/html' } })
  t.equal(posted.statusCode, 303)
  t.equal(posted.headers.location, '/auth/miro/login', 'a form cannot be posted again after login')
  const old = await person.send({ url: '/boards', headers: { accept: 'text/html,*/*' } })
  t.equal(old.statusCode, 303, 'a browser without Sec-Fetch headers')
  for (const destination of ['iframe', 'empty', 'frame', 'object', '', 'planted']) {
    const passedOn = await person.go('/boards', { 'sec-fetch-dest': destination })
    t.equal(passedOn.statusCode, 303, `a navigation that a service worker passes on, or of a frame: ${destination}`)
  }
  for (const mode of ['cors', 'same-origin', 'no-cors', 'websocket']) {
    t.equal((await person.go('/boards', { 'sec-fetch-mode': mode })).statusCode, 401, mode)
  }
})

t.test('requireGrant: with onUnauthenticated error it throws to the host\'s own error handler', async (t) => {
  const { browser } = await createWorld(t, { onUnauthenticated: 'error' })
  const answer = await browser().go('/boards')
  t.equal(answer.statusCode, 401)
  t.equal(answer.json().code, 'MIRO_NOT_CONNECTED')
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => (_request, response) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

const exchanges: Array<[name: string, answer: Answer, code: string, status: number]> = [
  ['Miro\'s refusal of a code', json(401, { status: 401, code: 'oauthError', message: 'Invalid authorization code', type: 'error' }), 'MIRO_CODE_REJECTED', 400],
  ['invalid_grant', json(400, { error: 'invalid_grant' }), 'MIRO_CODE_REJECTED', 400],
  ['a redirect URI mismatch', json(401, { status: 401, code: 'oauthError', message: 'Redirect URI mismatch.', type: 'error' }), 'MIRO_CONFIG', 502],
  ['Miro\'s refusal of a client secret', json(401, { status: 401, code: 'oauthError', message: 'Invalid client credentials', type: 'error' }), 'MIRO_CONFIG', 502],
  ['invalid_client', json(401, { error: 'invalid_client' }), 'MIRO_CONFIG', 502],
  ['429', json(429, {}, { 'retry-after': '9' }), 'MIRO_UNAVAILABLE', 503],
  ['500', json(500, { planted }), 'MIRO_UNAVAILABLE', 503],
  ['404', json(404, {}), 'MIRO_BAD_RESPONSE', 502],
  ['a redirect', (_request, response) => { response.writeHead(302, { location: 'http://localhost:1/' }).end() }, 'MIRO_BAD_RESPONSE', 502],
  ['HTML', (_request, response) => { response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${planted}`) }, 'MIRO_BAD_RESPONSE', 502],
  ['a cut body', (_request, response) => { response.writeHead(200, { 'content-length': '900' }).write('{"access_token":'); setImmediate(() => response.destroy()) }, 'MIRO_UNAVAILABLE', 503],
  ['an endless body', (_request, response) => { response.writeHead(200).end('x'.repeat(70_000)) }, 'MIRO_UNAVAILABLE', 503],
  ['a closed connection', (_request, response) => { response.destroy() }, 'MIRO_UNAVAILABLE', 503],
  ['an empty body', (_request, response) => { response.writeHead(200).end() }, 'MIRO_UNAVAILABLE', 503],
  ['a pair without ids', json(200, { access_token: planted, refresh_token: 'r' }), 'MIRO_BAD_RESPONSE', 502]
]

for (const [name, answer, code, status] of exchanges) {
  t.test(`an exchange answered by ${name} gives ${code}, one request, and no session`, async (t) => {
    const endpoint = await createTokenEndpoint(t, answer)
    const { browser } = await createWorld(t, { endpoints: { apiUrl: endpoint.url } })
    const person = browser()
    const callback = await toCallback(person)
    const response = await person.go(callback)
    t.equal(response.statusCode, status)
    t.match(response.body, code)
    t.notOk(response.body.includes(planted))
    t.equal(endpoint.requests(), 1)
    t.same(person.named('session'), [])
    t.match((await person.go(callback)).body, code, 'a reload says what happened to the sign-in')
    t.equal(endpoint.requests(), 1, 'the code is not sent twice')
    if (name === '429') t.equal(response.headers['retry-after'], '9')
  })
}

t.test('exchange: @fastify/oauth2 hands on Miro\'s answer byte for byte', async (t) => {
  const answer = '{"user_id": 3074457358607431473,\n "team_id":3074457362577833142,"access_token":"a\\u0041","scope":"é","refresh_token":"r","expires_in":"3599"}'
  const endpoint = await createTokenEndpoint(t, (_request, response) => { response.end(answer) })
  const { browser } = await createWorld(t, { endpoints: { apiUrl: endpoint.url } })
  const person = browser()
  t.equal((await signIn(person)).statusCode, 400, 'the team of the callback is not that of the answer')
  const { app } = await createWorld(t, { endpoints: { apiUrl: endpoint.url } })
  const again = new (person.constructor as typeof import('./fixtures/browser.js').Browser)(app)
  const callback = new URL(await toCallback(again), 'http://localhost:3000')
  callback.searchParams.delete('team_id')
  await again.go(callback.pathname + callback.search)
  const grant = (await again.call('/me')).json()
  t.match(grant, { userId: '3074457358607431473', teamId: '3074457362577833142', scopes: ['é'] })
})

t.test('callback: it does not answer a second time, for Fastify would log its URL with code and state', async (t) => {
  const lines: string[] = []
  const logger = { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } }
  let answer = (): void => {}
  // As the host's `handlerTimeout` does.
  const { app, browser } = await createWorld(t, { hooks: { onConnected: () => answer() } }, { logger })
  app.addHook('onRequest', async (_request, reply) => {
    answer = () => { reply.code(503).send('too late') }
  })
  const person = browser()
  const callback = await toCallback(person)
  const { statusCode, body } = await person.send({ url: callback })
  t.strictSame([statusCode, body], [503, 'too late'])
  await person.go('/')
  t.strictSame(lines, [])
})

t.test('callback: a team that is not the grant\'s signs no one in, and ends the new grant', async (t) => {
  const { browser, app } = await createWorld(t)
  const person = browser()
  const miro = locationOf(await person.go('/auth/miro/login'))
  const callback = await authorize(miro)
  callback.searchParams.set('team_id', '1')
  const answer = await person.go(callback.pathname + callback.search)
  t.equal(answer.statusCode, 400)
  t.match(answer.body, 'MIRO_CALLBACK_TEAM_MISMATCH')
  t.same(person.named('session'), [])
  await t.rejects(app.miro.client(members.adaAtAcme).accessToken(), { code: 'MIRO_NOT_CONNECTED' })
})

t.test('request.miro: refusals of Miro\'s API are answered with their status or as 502', async (t) => {
  const { browser, app } = await createWorld(t)
  app.get('/board/:id', (request) => request.miro.boards.get((request.params as { id: string }).id))
  app.get('/foreign', (request) => request.miro.fetch('https://evil.example/'))
  const person = browser()
  await signIn(person)
  t.match((await person.call('/board/none')).json(), { statusCode: 404, code: 'MIRO_API' })
  t.match((await person.call('/foreign')).json(), { statusCode: 500, code: 'MIRO_FOREIGN_ORIGIN' })
})

t.test('errors: a failing store gives MIRO_STORE, a corrupt record MIRO_RECORD, a closing app MIRO_CLOSED', async (t) => {
  const store = memoryStore()
  let mode: 'ok' | 'down' | 'corrupt' = 'ok'
  const flaky: Store = {
    get: async (key) => {
      if (mode === 'down') throw new Error('planted store words')
      const found = await store.get(key)
      return mode === 'corrupt' && found !== null && key.startsWith('miro:grant') ? { ...found, version: 'corrupt', body: '{"access_token":"planted"' } : found
    },
    cas: async (...args) => {
      if (mode === 'down') throw new Error('planted store words')
      return store.cas(...args)
    }
  }
  const { browser, emulator, app } = await createWorld(t, { store: flaky })
  const person = browser()
  await signIn(person)
  const late = await toCallback(person)
  mode = 'down'
  t.match((await person.call('/boards')).json(), { statusCode: 503, code: 'MIRO_STORE' })
  t.match((await person.call(late)).json().code, 'MIRO_STORE')
  t.match((await person.submit('/auth/miro/logout', { accept: 'application/json' })).json().code, 'MIRO_STORE')
  mode = 'corrupt'
  const answer = await person.call('/bare')
  t.match(answer.json(), { statusCode: 503, code: 'MIRO_RECORD' })
  t.notMatch(answer.body, 'planted')
  mode = 'ok'
  t.equal((await person.call('/boards')).statusCode, 200)
  emulator.clock.advance(3_600_000)
  await app.miro.auth.close()
  t.match((await person.call('/bare')).json(), { statusCode: 503, code: 'MIRO_CLOSED' })
})

t.test('callback: a stored flow outcome that cannot be read gives MIRO_RECORD, JSON or not', async (t) => {
  const inner = memoryStore()
  let stored = ''
  const corrupt: Store = {
    get: inner.get,
    async cas (key, ...args) {
      const result = await inner.cas(key, ...args)
      return result.ok || result.current === null || !key.startsWith('miro:flow')
        ? result
        : { ok: false, current: { ...result.current, body: stored } }
    }
  }
  const { browser } = await createWorld(t, { store: corrupt })
  const person = browser()
  const callback = await toCallback(person)
  await person.go(callback)
  for (stored of ['', 'planted', '{}', '[]', '7', '"linked"', '{"kind":"planted"}', '{"kind":"signed-in"}', '{"kind":"signed-in","sessionKey":7}']) {
    const answer = await person.call(callback)
    t.match(answer.json(), { code: 'MIRO_RECORD' }, stored)
    t.equal(answer.statusCode, 503)
    t.notMatch(answer.body, 'planted')
  }
})
