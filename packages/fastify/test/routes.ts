import Fastify from 'fastify'
import t from 'tap'
import { fastifyMiro, memoryStore } from '../src/index.js'
import { signInAs } from '../src/testing/index.js'
import { locationOf } from './fixtures/browser.js'
import { cookieSecret, createWorld, members, redirectUri, signIn, toCallback } from './fixtures/world.js'

const { adaAtAcme } = members

t.test('requiredScopes: who grants less is neither signed in nor linked, and is told', async (t) => {
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
    t.match((await app.miro.auth.snapshot(adaAtAcme)).grant, adaAtAcme, 'Miro gave the grant, so it is kept')
  }
})

t.test('requiredScopes: a grant from before the app required more is not acted for, and login helps', async (t) => {
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

t.test('returnToOrigins: a login may go to another origin of the app\'s, and to no third', async (t) => {
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

t.test('routes.error: pages go to the app\'s own page with the code and nothing else; scripts get JSON', async (t) => {
  const { browser } = await createWorld(t, { routes: { error: '/oops' } })
  const person = browser()
  for (const [url, code] of [
    ['/auth/miro/callback?code=planted&state=planted', 'MIRO_CALLBACK_STATE_UNKNOWN'],
    ['/auth/miro/callback?error=planted', 'MIRO_ACCESS_DENIED']
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

t.test('routes: false leaves sessions that were begun elsewhere, clients and guards, and no route', async (t) => {
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
