import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import Fastify, { type InjectOptions } from 'fastify'
import { SignJWT } from 'jose'
import t from 'tap'
import { ConfigError, fastifyMiro, memoryStore, type FastifyMiroOptions } from '../src/index.js'
import { openPanelAs, signInAs } from '../src/testing/index.js'
import { cookieSecret, createWorld, members, redirectUri, signIn } from './fixtures/world.js'

const { adaAtAcme, adaAtHarbour, graceAtAcme } = members
const connectUrl = `/auth/miro/connect?team_id=${adaAtAcme.teamId}`

async function createPanel (t: Parameters<typeof createWorld>[0], options: Partial<FastifyMiroOptions> = {}) {
  const world = await createWorld(t, { panel: true, ...options })
  const { app } = world
  app.get('/panel/me', { config: { miro: { panel: 'identity' } } }, (request) => request.miro.panelUser())
  app.get('/panel/open', { config: { miro: { panel: true } } }, async (request) => ({ grant: await request.miro.grant() }))
  app.post('/panel/boards', { config: { miro: { panel: true, required: true } } }, (request) => request.miro.boards.list())
  app.get('/panel/thrown', { config: { miro: { panel: true } } }, (request) => request.miro.boards.list())
  const ask = (url: string, headers: Record<string, string> = {}, more: InjectOptions = {}) => {
    return app.inject({ url, headers, ...more })
  }
  const tokenOf = (claims: object, secret = world.emulator.app.clientSecret) => new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))
  return { ...world, ask, tokenOf }
}

t.test('panel: an id token acts for the grant of its user in its team, and for no other', async (t) => {
  const { app, ask, browser } = await createPanel(t)
  for (const person of [adaAtAcme, adaAtHarbour]) await signIn(browser(), undefined, { as: person })
  for (const { userId, teamId } of [adaAtAcme, adaAtHarbour]) {
    const answer = await ask('/panel/open', await openPanelAs(app, { userId, teamId, connected: false }))
    t.match(answer.json(), { grant: { userId, teamId } })
  }
  const boards = await ask('/panel/boards', await openPanelAs(app, { ...adaAtAcme, connected: false }), { method: 'POST' })
  t.equal(boards.statusCode, 200)
  t.match(boards.json(), { data: [{ team: { id: adaAtAcme.teamId } }] })
  const grace = await ask('/panel/open', await openPanelAs(app, { ...graceAtAcme, connected: false }))
  t.same(grace.json(), { grant: null }, 'a colleague of the same team has a grant of their own')
})

t.test('panel: request.miro knows the grant of the board alone, and has no session', async (t) => {
  const { app, ask } = await createPanel(t)
  const seen: Record<string, unknown> = {}
  app.get('/panel/all', { config: { miro: { panel: true } } }, async ({ miro }) => {
    const codeOf = (call: () => Promise<unknown>) => call().then(() => 'none', ({ code }: { code: string }) => code)
    seen['grants'] = (await miro.grants()).map(({ teamId }) => teamId)
    seen['another'] = await codeOf(() => miro.for(adaAtHarbour).accessToken())
    seen['same'] = await codeOf(() => miro.for(adaAtAcme).accessToken())
    seen['session'] = await Promise.all([
      () => miro.session(), () => miro.sessions(), () => miro.endSession('x'), () => miro.endOtherSessions(), () => miro.select(adaAtAcme)
    ].map(codeOf))
    return seen
  })
  await signInAs(app, adaAtHarbour)
  await ask('/panel/all', await openPanelAs(app, adaAtAcme))
  t.same(seen, {
    grants: [adaAtAcme.teamId],
    another: 'MIRO_NOT_CONNECTED',
    same: 'none',
    session: Array(5).fill('MIRO_CONFIG')
  })
})

t.test('panel: its routes look at no cookie, and all other routes at no id token', async (t) => {
  const { app, ask, browser } = await createPanel(t)
  const person = browser()
  await signIn(person, undefined, { as: adaAtAcme })
  t.equal((await person.call('/boards')).statusCode, 200)
  for (const url of ['/panel/me', '/panel/open']) {
    const answer = await person.call(url)
    t.equal(answer.statusCode, 401, url)
    t.equal(answer.json().code, 'MIRO_ID_TOKEN_MISSING')
  }
  const headers = await openPanelAs(app, adaAtAcme)
  for (const url of ['/boards', '/me', '/bare']) {
    const answer = await ask(url, { ...headers, accept: 'application/json' })
    t.equal(answer.statusCode, 401, url)
    t.equal(answer.json().code, 'MIRO_NOT_CONNECTED')
  }
})

t.test('panel: a form that another site sends has no id token, so it changes nothing, though cookies came along', async (t) => {
  const { browser, emulator } = await createPanel(t)
  const person = browser()
  await signIn(person, undefined, { as: adaAtAcme })
  const before = emulator.log.length
  const answer = await person.submit('/panel/boards', {
    'sec-fetch-site': 'cross-site', origin: 'https://evil.example', 'content-type': 'text/plain'
  })
  t.equal(answer.statusCode, 401)
  t.equal(emulator.log.length, before)
})

t.test('panel: identity tells who is at the board and reads nothing from the store; calls to Miro are a wrong setting', async (t) => {
  let reads = 0
  const inner = memoryStore()
  const store = { ...inner, get: async (key: string) => { reads++; return inner.get(key) } }
  const { app, ask } = await createPanel(t, { store })
  app.get('/panel/wrong', { config: { miro: { panel: 'identity' } } }, (request) => request.miro.boards.list())
  const headers = await openPanelAs(app, { ...adaAtAcme, connected: false })
  const answer = await ask('/panel/me', headers)
  t.equal(answer.statusCode, 200)
  const { issuedAt, expiresAt, ...ids } = answer.json()
  t.same(ids, adaAtAcme)
  t.equal(expiresAt - issuedAt, 300_000)
  t.equal(reads, 0)
  t.equal((await ask('/panel/wrong', headers)).json().code, 'MIRO_CONFIG')
  t.equal(reads, 0)
})

t.test('panel: panelUser() on any other route is a wrong setting', async (t) => {
  const { app, ask } = await createPanel(t)
  app.get('/plain', (request) => request.miro.panelUser())
  const answer = await ask('/plain', await openPanelAs(app, adaAtAcme))
  t.equal(answer.statusCode, 502)
  t.equal(answer.json().code, 'MIRO_CONFIG')
})

t.test('panel: a token that is missing, stale or not to be verified gets 401, and a header that asks for a fresh one', async (t) => {
  const { ask, tokenOf, emulator } = await createPanel(t)
  const now = Math.floor(emulator.clock.now() / 1000)
  const claims = { user: adaAtAcme.userId, team: adaAtAcme.teamId, sub: emulator.app.clientId, iat: now, exp: now + 60 }
  const cases: Array<[string, string | undefined, string]> = [
    ['none', undefined, 'MIRO_ID_TOKEN_MISSING'],
    ['another scheme', 'Basic abc', 'MIRO_ID_TOKEN_MISSING'],
    ['no token', 'Bearer ', 'MIRO_ID_TOKEN_MISSING'],
    ['two tokens', `Bearer ${await tokenOf(claims)} ${await tokenOf(claims)}`, 'MIRO_ID_TOKEN_MISSING'],
    ['made up', 'Bearer a.b.c', 'MIRO_ID_TOKEN_INVALID'],
    ['another secret', `Bearer ${await tokenOf(claims, 'x'.repeat(32))}`, 'MIRO_ID_TOKEN_INVALID'],
    ['55 s late', `Bearer ${await tokenOf({ ...claims, exp: now - 55 })}`, 'none'],
    ['65 s late', `Bearer ${await tokenOf({ ...claims, exp: now - 65 })}`, 'MIRO_ID_TOKEN_EXPIRED'],
    ['another app', `Bearer ${await tokenOf({ ...claims, sub: '1' })}`, 'MIRO_ID_TOKEN_CLIENT_MISMATCH'],
    ['ids as text', `bearer  ${await tokenOf(claims)}`, 'none']
  ]
  for (const url of ['/panel/me', '/panel/open', '/panel/boards']) {
    for (const [name, authorization, code] of cases) {
      const answer = await ask(url, authorization === undefined ? {} : { authorization }, { method: url === '/panel/boards' ? 'POST' : 'GET' })
      if (code === 'none') {
        t.equal(answer.headers['miro-id-token'], undefined, name)
        continue
      }
      t.equal(answer.statusCode, 401, `${url}: ${name}`)
      t.same(Object.keys(answer.json()), ['code', 'message'])
      t.equal(answer.json().code, code, name)
      t.equal(answer.headers['miro-id-token'], 'retry')
      t.equal(answer.headers['miro-connect-url'], undefined)
      t.equal(answer.headers['www-authenticate'], code === 'MIRO_ID_TOKEN_MISSING' ? 'Bearer' : 'Bearer error="invalid_token"')
      t.equal(answer.headers['access-control-expose-headers'], 'miro-id-token, miro-connect-url')
      t.equal(answer.headers['cache-control'], 'no-store')
      if (authorization !== undefined) t.notMatch(JSON.stringify(answer.headers) + answer.body, authorization.split(' ')[1] ?? '-')
    }
  }
})

t.test('panel: without a usable grant it gets 401 with the address to connect at, for the team of the board', async (t) => {
  const { app, ask } = await createPanel(t, { requiredScopes: ['boards:read'] })
  const stranger = await ask('/panel/boards', await openPanelAs(app, { ...adaAtAcme, connected: false }), { method: 'POST' })
  t.equal(stranger.statusCode, 401)
  t.match(stranger.json(), { code: 'MIRO_NOT_CONNECTED', connectUrl })
  t.same(Object.keys(stranger.json()), ['code', 'message', 'connectUrl'])
  t.equal(stranger.headers['miro-connect-url'], connectUrl)
  t.equal(stranger.headers['miro-id-token'], undefined)

  const narrow = await ask('/panel/boards', await openPanelAs(app, adaAtAcme), { method: 'POST' })
  t.equal(narrow.statusCode, 403)
  t.match(narrow.json(), { code: 'MIRO_SCOPE_MISSING', connectUrl })
  t.equal(narrow.headers['miro-connect-url'], connectUrl)

  await app.miro.auth.disconnect(adaAtAcme)
  const gone = await ask('/panel/boards', await openPanelAs(app, { ...adaAtAcme, connected: false }), { method: 'POST' })
  t.match(gone.json(), { code: 'MIRO_NOT_CONNECTED', connectUrl })
})

t.test('panel: what a handler throws carries the same headers, by the default error handler and by one of the app\'s', async (t) => {
  const { app, ask } = await createPanel(t)
  app.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => reply.code(418).send({ mine: (error as { code?: string }).code }))
    scope.get('/panel/own', { config: { miro: { panel: true } } }, (request) => request.miro.boards.list())
  })
  const headers = await openPanelAs(app, { ...adaAtAcme, connected: false })
  for (const [url, status] of [['/panel/thrown', 401], ['/panel/own', 418]] as const) {
    const answer = await ask(url, headers)
    t.equal(answer.statusCode, status)
    t.equal(answer.headers['miro-connect-url'], connectUrl, url)
    t.equal(answer.headers['access-control-expose-headers'], 'miro-id-token, miro-connect-url')
  }
})

t.test('panel: with onUnauthenticated error both refusals are thrown, and carry their headers', async (t) => {
  const { app, ask } = await createPanel(t, { onUnauthenticated: 'error' })
  const seen: unknown[] = []
  app.setErrorHandler((error, _request, reply) => {
    seen.push((error as { code?: string }).code)
    return reply.code(400).send({})
  })
  t.equal((await ask('/panel/me')).headers['miro-id-token'], 'retry')
  const headers = await openPanelAs(app, { ...adaAtAcme, connected: false })
  t.equal((await ask('/panel/boards', headers, { method: 'POST' })).headers['miro-connect-url'], connectUrl)
  t.same(seen, ['MIRO_ID_TOKEN_MISSING', 'MIRO_NOT_CONNECTED'])
})

t.test('panel: app.miro.requireGrant on its routes requires a token and a grant', async (t) => {
  const { app, ask } = await createPanel(t)
  const guarded = { config: { miro: { panel: true } }, preHandler: app.miro.requireGrant }
  app.get('/panel/guarded', guarded, (request) => request.miro.grant())
  t.equal((await ask('/panel/guarded')).json().code, 'MIRO_ID_TOKEN_MISSING')
  t.equal((await ask('/panel/guarded', await openPanelAs(app, { ...adaAtAcme, connected: false }))).json().code, 'MIRO_NOT_CONNECTED')
  t.match((await ask('/panel/guarded', await openPanelAs(app, adaAtAcme))).json(), adaAtAcme)
})

t.test('panel: in connect mode it acts by Miro\'s identity, and asks no appUserId', async (t) => {
  let asked = 0
  const { app, ask } = await createPanel(t, { appUserId: () => { asked++; return 'ann' } })
  const answer = await ask('/panel/open', await openPanelAs(app, adaAtAcme))
  t.match(answer.json(), { grant: adaAtAcme })
  t.equal(asked, 0)
})

t.test('panel: during a change of the client secret, tokens under the old one pass too', async (t) => {
  const { ask, emulator, tokenOf } = await createPanel(t, { clientSecret: ['the-new-secret', 'the-old-secret'] })
  const exp = Math.floor(emulator.clock.now() / 1000) + 60
  const claims = { user: adaAtAcme.userId, team: adaAtAcme.teamId, sub: emulator.app.clientId, exp }
  for (const [secret, status] of [['the-new-secret', 200], ['the-old-secret', 200], ['the-oldest-secret', 401]] as const) {
    t.equal((await ask('/panel/me', { authorization: `Bearer ${await tokenOf(claims, secret)}` })).statusCode, status, secret)
  }
})

t.test('panel: beside @fastify/cors a script of another origin that may read the answer may read both headers', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(cors, { origin: 'https://front.example', exposedHeaders: ['x-own'] })
  await app.register(fastifyMiro, { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret, panel: true })
  app.get('/me', { config: { miro: { panel: 'identity' } } }, (request) => request.miro.panelUser())
  const answer = await app.inject({ url: '/me', headers: { origin: 'https://front.example' } })
  t.equal(answer.headers['access-control-expose-headers'], 'x-own, miro-id-token, miro-connect-url')
})

t.test('panel: a route of it needs the option panel, a field that is known, and no grant where it reads none', async (t) => {
  const register = async (panel: boolean, config: object) => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyMiro, { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret, panel })
    app.get('/panel', { config: { miro: config } }, async () => 'open')
    return app.ready()
  }
  await t.rejects(register(false, { panel: true }), { code: 'MIRO_CONFIG', message: /GET \/panel.*option panel: true/ })
  await t.rejects(register(false, { panel: 'page' }), { code: 'MIRO_CONFIG' })
  for (const panel of ['yes', 1, null, undefined, 'Identity']) {
    await t.rejects(register(true, { panel }), { code: 'MIRO_CONFIG', message: /panel/ }, String(panel))
  }
  for (const panel of ['identity', 'page']) {
    await t.rejects(register(true, { panel, required: true }), { code: 'MIRO_CONFIG', message: /cannot require a grant/ })
  }
  await t.rejects(register(true, { panel: false }), { code: 'MIRO_CONFIG', message: /required/ })
  await t.resolves(register(true, { panel: false, required: true }))
  await t.resolves(register(true, { panel: 'page', required: false }))
})

t.test('panel: a route that was registered before the plugin loaded is guarded too, and fails closed without the option', async (t) => {
  for (const panel of [true, false]) {
    const app = Fastify()
    t.teardown(() => app.close())
    app.register(fastifyMiro, { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret, panel })
    app.get('/panel', { config: { miro: { panel: 'identity' } } }, async () => 'open')
    t.equal((await app.inject('/panel')).statusCode, panel ? 401 : 502)
  }
})

t.test('panel: its routes without the option, paths that clash, and a login that is no use end the start', async (t) => {
  const required = { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret }
  for (const options of [
    { appLogin: '/login' },
    { appUserId: () => null, appLogin: 'https://elsewhere.example' },
    { appUserId: () => null, appLogin: '/auth/miro/login' },
    { routes: { connect: '/c' } },
    { routes: { panelScript: '/p.js' } },
    { panel: true, routes: { connect: '/auth/miro/login' } },
    { panel: true, defaultReturnTo: '/auth/miro/connect/done' }
  ]) {
    await t.rejects(Promise.resolve(Fastify().register(fastifyMiro, { ...required, ...options })), ConfigError)
  }
})

t.test('panel: on a server without our routes its requests are served, and refused without an address to connect at', async (t) => {
  const { app, ask } = await createPanel(t, { routes: false })
  t.match((await ask('/panel/open', await openPanelAs(app, adaAtAcme))).json(), { grant: adaAtAcme })
  const headers = await openPanelAs(app, { ...adaAtHarbour, connected: false })
  for (const [url, method] of [['/panel/boards', 'POST'], ['/panel/thrown', 'GET']] as const) {
    const answer = await ask(url, headers, { method })
    t.equal(answer.statusCode, 401)
    t.equal(answer.headers['miro-connect-url'], undefined)
    t.equal(answer.json().connectUrl, undefined)
  }
  t.throws(() => app.miro.connectUrl(), { code: 'MIRO_CONFIG' })
})

t.test('panel: with two registrations a route is that of the one which it names, and closed to the other', async (t) => {
  const { app, ask } = await createPanel(t)
  await app.register(fastifyMiro, {
    clientId: '2',
    clientSecret: 'second-secret',
    redirectUri: 'http://localhost:3000/second',
    cookieSecret,
    panel: true,
    decorator: 'second'
  })
  app.get('/panel/first', { config: { miro: { panel: true, app: 'miro' } } }, async (request) => {
    const second = (request as unknown as { second: typeof request.miro }).second
    const refusal = await second.grant().catch(({ code }: { code: string }) => code)
    return { user: (await request.miro.panelUser()).userId, second: refusal }
  })
  const headers = await openPanelAs(app, adaAtAcme)
  t.same((await ask('/panel/first', headers)).json(), { user: adaAtAcme.userId, second: 'MIRO_CONFIG' })
  const second = await openPanelAs(app, { ...adaAtAcme, decorator: 'second' })
  t.equal((await ask('/panel/first', second)).json().code, 'MIRO_ID_TOKEN_INVALID')
})

t.test('page: Miro may frame a page of the panel, and no other page of ours', async (t) => {
  for (const [given, authorizeUrl, frames] of [
    ['Miro', undefined, 'https://miro.com https://*.miro.com'],
    ['an emulator', 'http://localhost:4100/oauth/authorize', 'http://localhost:4100']
  ] as const) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyMiro, {
      clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret, panel: true, endpoints: { authorizeUrl }
    })
    app.get('/panel', { config: { miro: { panel: 'page' } } }, async () => 'page')
    const page = await app.inject('/panel')
    t.equal(page.statusCode, 200)
    t.equal(page.headers['content-security-policy'], `frame-ancestors ${frames}`, given)
    for (const url of ['login', 'callback', 'connect', 'connect/done', 'connect/status', 'panel.js']) {
      const answer = await app.inject({ url: `/auth/miro/${url}`, headers: { accept: 'text/html' } })
      t.match(answer.headers['content-security-policy'], /frame-ancestors 'none'/, url)
    }
  }
})

t.test('page: headers that other middleware wrote to the raw answer do not stand in Miro\'s way', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('onRequest', async (_request, reply) => {
    reply.raw.setHeader('x-frame-options', 'DENY')
    reply.raw.setHeader('content-security-policy', "img-src 'self'; frame-ancestors 'none'")
  })
  await app.register(fastifyMiro, { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret, panel: true })
  app.get('/panel', { config: { miro: { panel: 'page' } } }, async () => 'page')
  const { headers } = await app.inject('/panel')
  t.equal(headers['x-frame-options'], undefined)
  t.equal(headers['content-security-policy'], "img-src 'self'; frame-ancestors https://miro.com https://*.miro.com")
})

t.test('page: beside @fastify/helmet with its defaults Miro may frame it, and the Web SDK may load; the rest of the policy stays', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(helmet)
  await app.register(fastifyMiro, { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret, panel: true })
  app.get('/panel', { config: { miro: { panel: 'page' } } }, async () => 'page')
  app.get('/other', async () => 'page')
  const [page, other] = await Promise.all([app.inject('/panel'), app.inject('/other')])
  const directivesOf = (header: unknown) => String(header).split(';').map((directive) => directive.trim())
  const [ours, theirs] = [directivesOf(page.headers['content-security-policy']), directivesOf(other.headers['content-security-policy'])]
  t.equal(page.headers['x-frame-options'], undefined)
  t.equal(other.headers['x-frame-options'], 'SAMEORIGIN')
  t.same(ours.filter((directive) => !theirs.includes(directive)), [
    'frame-ancestors https://miro.com https://*.miro.com', "script-src 'self' https://miro.com"
  ])
  t.equal(ours.length, theirs.length)
})
