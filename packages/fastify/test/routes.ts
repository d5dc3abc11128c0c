import Fastify from 'fastify'
import t from 'tap'
import { fastifyMiro, memoryStore } from '../src/index.js'
import { signInAs } from '../src/testing/index.js'
import { locationOf } from './fixtures/browser.js'
import { cookieSecret, createWorld, members, redirectUri, signIn, toCallback } from './fixtures/world.js'

const { adaAtAcme } = members

t.test('requiredScopes: a flow that grants less gives MIRO_SCOPE_MISSING, and its user is not signed in or linked', async (t) => {
  for (const appUserId of [undefined, () => 'ann']) {
    const { browser, app, tokenRequests } = await createWorld(t, { requiredScopes: ['boards:read', 'team:read'], appUserId })
    const person = browser()
    const answer = await person.call(await toCallback(person, undefined, { as: adaAtAcme }))
    t.equal(answer.statusCode, 403)
    t.equal(answer.json().code, 'MIRO_SCOPE_MISSING')
    t.equal(tokenRequests(), 1)
    t.same(person.named('session'), [])
    t.equal((await person.call('/boards')).json().code, 'MIRO_NOT_CONNECTED')
    t.same(await app.miro.clientsOf(appUserId === undefined ? adaAtAcme.userId : 'ann'), [])
    t.equal((await app.miro.auth.snapshot(adaAtAcme)).grant, null, 'it is ended again, here and at Miro')
  }
})

t.test('admit: whom it does not let in gets MIRO_NOT_ADMITTED, no session or link, and no grant at Miro', async (t) => {
  for (const appUserId of [undefined, () => 'ann']) {
    const asked: unknown[] = []
    const { browser, app, emulator } = await createWorld(t, {
      appUserId,
      admit: ({ grant, appUserId, request }) => {
        asked.push([appUserId, request.routeOptions.config.miro?.route])
        return grant.teamId === members.adaAtHarbour.teamId
      }
    })
    const person = browser()
    const answer = await person.go(await toCallback(person, undefined, { as: adaAtAcme }))
    t.equal(answer.statusCode, 403)
    t.match(answer.body, /not open to this Miro user or team.*MIRO_NOT_ADMITTED/s)
    t.same(asked, [[appUserId === undefined ? adaAtAcme.userId : 'ann', 'callback']])
    t.same(person.named('session'), [])
    t.same(await app.miro.auth.grants(appUserId === undefined ? adaAtAcme.userId : 'ann'), [])
    t.equal(emulator.ledger.live(adaAtAcme, emulator.miroClock.now()).length, 0)
    t.equal((await person.go(await toCallback(person, undefined, { as: members.adaAtHarbour }))).statusCode, 303)
  }
})

t.test('admit: a grant that another user connected meanwhile is theirs, and does not end with a refusal', async (t) => {
  let refuse = (): void => {}
  const refused = new Promise<boolean>((resolve) => { refuse = () => { resolve(false) } })
  let asked = (): void => {}
  const isAsked = new Promise<void>((resolve) => { asked = resolve })
  const { browser } = await createWorld(t, {
    appUserId: (request) => /user=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? null,
    async admit ({ appUserId }) {
      if (appUserId === 'ann') return true
      asked()
      return refused
    }
  })
  const [ann, mallory] = [browser(), browser()]
  ann.cookies.set('user', 'ann')
  mallory.cookies.set('user', 'mallory')
  const refusal = mallory.go(await toCallback(mallory, undefined, { as: adaAtAcme }))
  await isAsked
  t.equal((await ann.go(await toCallback(ann, undefined, { as: adaAtAcme }))).statusCode, 303)
  refuse()
  t.equal((await refusal).statusCode, 403)
  t.equal((await ann.call('/boards')).statusCode, 200)
})

t.test('connect: a grant that is disconnected before it is linked is no success', async (t) => {
  const { browser, app } = await createWorld(t, {
    appUserId: () => 'ann',
    async admit ({ grant: { userId, teamId } }) {
      await app.miro.auth.disconnect({ userId, teamId })
      return true
    }
  })
  const person = browser()
  const failed = await person.call(await toCallback(person, undefined, { as: adaAtAcme }))
  t.equal(failed.statusCode, 503)
  t.equal(failed.json().code, 'MIRO_UNAVAILABLE')
})

t.test('admit: what is not true does not let in, and what it throws is the app\'s failure', async (t) => {
  for (const answer of [false, undefined, null, 0, 1, 'true', {}]) {
    const { browser } = await createWorld(t, { admit: () => answer as boolean })
    const person = browser()
    t.equal((await person.call(await toCallback(person))).json().code, 'MIRO_NOT_ADMITTED')
  }
  const { browser } = await createWorld(t, { admit: async () => { throw new Error('planted') } })
  const person = browser()
  const failed = await person.call(await toCallback(person))
  t.equal(failed.statusCode, 503)
  t.equal(failed.json().code, 'MIRO_APP_FUNCTION')
  t.notMatch(failed.body, 'planted')
})

t.test('requiredScopes: an older grant that has less is not used, and login helps', async (t) => {
  const { app, browser } = await createWorld(t, { requiredScopes: ['boards:read', 'boards:write'] })
  const cookies = await signInAs(app, { ...adaAtAcme, scopes: ['boards:read'] })
  const person = browser()
  for (const [name, value] of Object.entries(cookies)) person.cookies.set(name, value)
  t.match((await person.call('/boards')).json(), { code: 'MIRO_SCOPE_MISSING', loginUrl: '/auth/miro/login' })
  t.equal((await person.call('/boards')).statusCode, 403)
  t.match((await person.call('/bare')).json(), { statusCode: 403, code: 'MIRO_SCOPE_MISSING' })
  t.equal(locationOf(await person.go('/boards')).pathname, '/auth/miro/login')
  await signIn(person, undefined, { as: adaAtAcme })
  t.equal((await person.call('/boards')).statusCode, 200)
})

t.test('returnToOrigins: a login may return to a listed origin, and to no third (open redirect)', async (t) => {
  const { browser } = await createWorld(t, { returnToOrigins: ['https://panel.example'] })
  const person = browser()
  const goTo = async (returnTo: string): Promise<unknown> => {
    return (await signIn(person, `/auth/miro/login?returnTo=${encodeURIComponent(returnTo)}`)).headers.location
  }
  t.equal(await goTo('https://panel.example/auth/miro/login?x=1'), 'https://panel.example/auth/miro/login?x=1', 'our paths are there none of ours')
  for (const hostile of ['https://panel.example.evil', 'https://panel.example@evil.example', 'http://panel.example/', 'https://user@panel.example/', '//evil.example', 'https://panel.example:8443/']) {
    t.equal(await goTo(hostile), 'http://localhost:3000/', hostile)
  }
})

t.test('returnToOrigins: pages there may log out and disconnect, and no others', async (t) => {
  const { app } = await createWorld(t, { returnToOrigins: ['https://panel.example', 'https://admin.example:8443'] })
  const statusOf = async (path: string, headers: Record<string, string>): Promise<number> => {
    const cookies = await signInAs(app, adaAtAcme)
    return (await app.inject({ method: 'POST', url: path, cookies, headers })).statusCode
  }
  const trusted: Array<Record<string, string>> = [
    { origin: 'https://panel.example' }, { origin: 'https://admin.example:8443' }, { origin: 'http://localhost:3000' },
    { origin: 'https://panel.example', 'sec-fetch-site': 'cross-site' }, { origin: 'https://panel.example', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' }
  ]
  const foreign = [
    'https://panel.example.evil.example', 'https://evilpanel.example', 'http://panel.example', 'https://panel.example:8443', 'https://panel.example/',
    'https://sub.panel.example', 'https://PANEL.example', 'https://admin.example', 'https://panel.example, https://evil.example', 'null', ''
  ]
  for (const path of ['/auth/miro/logout', '/auth/miro/disconnect']) {
    for (const headers of trusted) t.equal(await statusOf(path, headers), 204, `${path} ${JSON.stringify(headers)}`)
    for (const origin of foreign) {
      t.equal(await statusOf(path, { origin }), 403, `${path} ${origin}`)
      t.equal(await statusOf(path, { origin, 'sec-fetch-site': 'same-site' }), 403, `${path} ${origin}, of a neighbour`)
    }
    t.equal(await statusOf(path, { referer: 'https://panel.example/' }), 403, 'a Referer is no Origin')
    t.equal(await statusOf(path, {}), 403)
  }
})

t.test('routes.error: a navigation is redirected to the app\'s page with the code alone; a script gets JSON', async (t) => {
  const { browser } = await createWorld(t, { routes: { error: '/oops' } })
  const person = browser()
  for (const [url, code] of [
    ['/auth/miro/callback?code=planted&state=planted', 'MIRO_CALLBACK_STATE_UNKNOWN'],
    ['/auth/miro/callback?error=access_denied&error_description=planted', 'MIRO_ACCESS_DENIED'],
    ['/auth/miro/callback?error=planted', 'MIRO_CALLBACK_STATE_MISSING']
  ] as const) {
    const answer = await person.go(url)
    t.equal(answer.statusCode, 303)
    t.equal(answer.headers.location, `/oops?code=${code}`)
    t.match(answer.headers, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    t.notMatch(JSON.stringify(answer.headers) + answer.body, /planted/)
    t.equal((await person.call(url)).json().code, code)
  }
  const declined = await toCallback(person, undefined, { decision: 'decline' })
  t.equal((await person.go(declined)).headers.location, '/oops?code=MIRO_ACCESS_DENIED')
  t.equal((await person.submit('/auth/miro/logout', { 'sec-fetch-site': 'cross-site' })).headers.location, '/oops?code=MIRO_CROSS_SITE')
})

t.test('routes: with false there are sessions of another server, clients and guards, and no route', async (t) => {
  const store = memoryStore()
  const { emulator, browser } = await createWorld(t, { store })
  const person = browser()
  await signIn(person)

  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyMiro, {
    clientId: emulator.app.clientId,
    clientSecret: emulator.app.clientSecret,
    redirectUri,
    cookieSecret,
    store,
    routes: false,
    endpoints: { authorizeUrl: emulator.authorizeUrl, apiUrl: emulator.apiUrl }
  })
  app.get('/boards', { preHandler: app.miro.requireGrant }, (request) => request.miro.boards.list())
  const cookies = Object.fromEntries(person.cookies)
  t.equal((await app.inject({ url: '/boards', cookies })).statusCode, 200)
  const refused = await app.inject({ url: '/boards', headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } })
  t.match(refused.json(), { statusCode: 401, code: 'MIRO_NOT_CONNECTED' }, 'there is no login to go to')
  for (const url of ['/auth/miro/login', '/auth/miro/callback', '/auth/miro/logout', '/auth/miro/disconnect']) {
    for (const method of ['GET', 'POST'] as const) t.equal((await app.inject({ method, url })).statusCode, 404)
  }
  t.throws(() => app.miro.loginUrl(), { code: 'MIRO_CONFIG' })
  t.notOk(app.hasPlugin('@fastify/oauth2') || app.hasReplyDecorator('setCookie'))
})
