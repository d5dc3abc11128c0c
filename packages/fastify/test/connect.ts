import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { fastifyMiro, memoryStore, type FastifyMiroOptions, type GrantRef, type Store } from '../src/index.js'
import { signInAs } from '../src/testing/index.js'
import { locationOf, type Browser } from './fixtures/browser.js'
import { createWorld, members, signIn, toCallback, type World } from './fixtures/world.js'

const { adaAtAcme, adaAtHarbour, graceAtAcme } = members

/** An app with users of its own: a cookie says who, as a session would. */
async function createConnectWorld (t: Test, options: Partial<FastifyMiroOptions> = {}): Promise<World & {
  as: (user: string) => Browser
}> {
  const world = await createWorld(t, {
    appUserId: (request) => /(?:^|; )user=(\w*)/.exec(request.headers.cookie ?? '')?.[1] ?? null,
    ...options
  })
  world.app.get('/teams', async (request) => (await request.miro.grants()).map(({ userId, teamId }) => ({ userId, teamId })))
  world.app.get('/of/:userId/:teamId', async (request) => ({ token: await request.miro.for(request.params as GrantRef).accessToken() }))
  return {
    ...world,
    as (user) {
      const browser = world.browser()
      browser.cookies.set('user', user)
      return browser
    }
  }
}

const pathOf = ({ userId, teamId }: GrantRef): string => `/of/${userId}/${teamId}`
const disconnectUrl = ({ userId, teamId }: GrantRef): string => `/auth/miro/disconnect?user_id=${userId}&team_id=${teamId}`

t.test('connect: a user connects two teams, works in both, and disconnects one', async (t) => {
  const { as } = await createConnectWorld(t)
  const ann = as('ann')
  t.same((await ann.call('/teams')).json(), [])
  t.match((await ann.call('/boards')).json(), { code: 'MIRO_NOT_CONNECTED', loginUrl: '/auth/miro/login' })

  t.equal((await signIn(ann, '/auth/miro/login?returnTo=/teams', { as: adaAtAcme })).headers.location, 'http://localhost:3000/teams')
  t.same(ann.named('session'), [], 'no session of ours')
  await signIn(ann, undefined, { as: adaAtHarbour })
  t.same((await ann.call('/teams')).json(), [adaAtHarbour, adaAtAcme], 'newest first')
  t.match((await ann.call('/me')).json(), adaAtHarbour, 'and the newest is what a request acts for')
  const tokens = await Promise.all([
    adaAtAcme, adaAtHarbour
  ].map(async (ref) => (await ann.call(pathOf(ref))).json().token))
  t.equal(new Set(tokens).size, 2)
  t.equal((await ann.call('/token')).json().token, tokens[1])

  const removed = await ann.submit(disconnectUrl(adaAtHarbour))
  t.equal(removed.statusCode, 303)
  t.equal(removed.headers.location, '/')
  t.same((await ann.call('/teams')).json(), [adaAtAcme])
  t.match((await ann.call(pathOf(adaAtHarbour))).json(), { statusCode: 401, code: 'MIRO_NOT_CONNECTED' })
  t.equal((await ann.call('/token')).json().token, tokens[0])
})

t.test('grants: a person gets no grant that is linked to another person, by any route or name', async (t) => {
  const { as, emulator } = await createConnectWorld(t, { grant: () => adaAtAcme })
  const [ann, bob] = [as('ann'), as('bob')]
  await signIn(ann, undefined, { as: adaAtAcme })
  t.equal((await ann.call('/boards')).statusCode, 200)
  await signIn(bob, undefined, { as: graceAtAcme })
  t.same((await bob.call('/teams')).json(), [graceAtAcme])
  for (const url of [pathOf(adaAtAcme), '/token', '/boards']) t.match((await bob.call(url)).json(), { code: 'MIRO_NOT_CONNECTED' }, url)
  t.match((await bob.call('/me')).json(), { code: 'MIRO_NOT_CONNECTED' })
  t.equal((await bob.submit(disconnectUrl(adaAtAcme))).statusCode, 401)
  t.equal((await ann.call('/boards')).statusCode, 200, 'still hers')
  t.notOk(emulator.log.some(({ path }) => path.includes('revoke')))
})

t.test('request.miro: for() with a value that names no grant gives MIRO_NOT_CONNECTED', async (t) => {
  const { app } = await createConnectWorld(t)
  app.post('/of', async (request) => request.miro.for(request.body as GrantRef).accessToken())
  await signInAs(app, { ...adaAtAcme, appUserId: 'ann' })
  const { userId, teamId } = adaAtAcme
  for (const payload of [undefined, null, [], {}, 'x', 5, { userId }, { userId: [userId], teamId: [teamId] }, { userId: Number(userId), teamId: Number(teamId) }]) {
    const body = payload === undefined ? {} : { payload: JSON.stringify(payload) }
    const answer = await app.inject({ method: 'POST', url: '/of', headers: { cookie: 'user=ann', ...(payload === undefined ? {} : { 'content-type': 'application/json' }) }, ...body })
    t.match(answer.json(), { statusCode: 401, code: 'MIRO_NOT_CONNECTED' }, JSON.stringify(payload))
  }
})

t.test('links: a link is void once its grant ended, also after another person connects it again', async (t) => {
  const { as, app } = await createConnectWorld(t)
  const [ann, bob] = [as('ann'), as('bob')]
  await signIn(ann, undefined, { as: adaAtAcme })
  await signIn(bob, undefined, { as: adaAtAcme })
  t.same((await ann.call('/teams')).json(), [adaAtAcme], 'two users of the app may share one grant')
  await app.miro.auth.disconnect(adaAtAcme)
  t.same((await bob.call('/teams')).json(), [], 'which the app ends for both')
  await signIn(bob, undefined, { as: adaAtAcme })
  t.same((await bob.call('/teams')).json(), [adaAtAcme])
  t.same((await ann.call('/teams')).json(), [], 'hers was of another consent')
  t.match((await ann.call(pathOf(adaAtAcme))).json(), { code: 'MIRO_NOT_CONNECTED' })
  t.same(await app.miro.clientsOf('ann'), [])
  t.match((await ann.call('/boards')).json(), { code: 'MIRO_NOT_CONNECTED' })
})

t.test('disconnect: a grant that two users share ends for the one who asks, and at Miro with the other', async (t) => {
  const told: unknown[] = []
  const { as, emulator } = await createConnectWorld(t, {
    hooks: { onDisconnected: ({ ended, revoked }) => told.push({ ended, revoked }) }
  })
  const [ann, bob] = [as('ann'), as('bob')]
  await signIn(ann, undefined, { as: adaAtAcme })
  await signIn(bob, undefined, { as: adaAtAcme })
  const live = (): number => emulator.ledger.live(adaAtAcme, emulator.miroClock.now()).length
  t.equal((await ann.submit(disconnectUrl(adaAtAcme))).statusCode, 303)
  t.same((await ann.call('/teams')).json(), [])
  t.same((await bob.call('/teams')).json(), [adaAtAcme], 'his stays')
  t.equal((await bob.call('/boards')).statusCode, 200)
  t.ok(live() > 0)
  t.equal((await ann.call(disconnectUrl(adaAtAcme), {})).statusCode, 405)
  t.equal((await bob.submit(disconnectUrl(adaAtAcme))).statusCode, 303)
  t.same((await bob.call('/teams')).json(), [])
  t.same(told, [{ ended: false, revoked: false }, { ended: true, revoked: true }])
})

t.test('forget: a user of the app is gone with links and grants, but for those that others share', async (t) => {
  const store = memoryStore()
  const { as, app } = await createConnectWorld(t, { store })
  const [ann, bob] = [as('ann'), as('bob')]
  for (const team of [adaAtAcme, adaAtHarbour]) await signIn(ann, undefined, { as: team })
  await signIn(bob, undefined, { as: adaAtAcme })
  t.match(await app.miro.auth.forget('ann'), { disconnected: 1, shared: 1 })
  t.match(await app.miro.auth.forget('ann'), { disconnected: 0, shared: 0 }, 'again')
  t.same((await ann.call('/teams')).json(), [])
  t.same((await bob.call('/teams')).json(), [adaAtAcme])
  const { keys = [] } = await store.scan?.({ prefix: 'miro:link:', expiresBefore: null, limit: 100 }) ?? {}
  t.notOk(keys.some((key) => key.endsWith(':ann')))
})

for (const next of ['ann', 'bob']) {
  t.test(`disconnect: a grant that ${next === 'ann' ? 'the same user' : 'another user'} connected after the disconnect was sent does not end`, async (t) => {
    const inner = memoryStore()
    const reads: string[] = []
    let meanwhile: (() => Promise<unknown>) | null = null
    const store: Store = {
      cas: inner.cas,
      async get (key) {
        if (key.includes(':grant:')) reads.push(key)
        const found = await inner.get(key)
        // The link was found good, and the grant is read again to end it.
        if (reads.length === 1) await meanwhile?.()
        return found
      }
    }
    const { as, app } = await createConnectWorld(t, { store })
    await signInAs(app, { ...adaAtAcme, appUserId: 'ann' })
    meanwhile = async () => {
      meanwhile = null
      await app.miro.auth.disconnect(adaAtAcme)
      await signInAs(app, { ...adaAtAcme, appUserId: next })
    }
    reads.splice(0)
    t.equal((await as('ann').submit('/auth/miro/disconnect')).statusCode, 303)
    t.equal(meanwhile, null)
    for (const user of ['ann', 'bob']) t.equal((await app.miro.clientsOf(user)).length, user === next ? 1 : 0)
  })
}

t.test('clientsOf: a client ends with the consent it was found under', async (t) => {
  const { app } = await createConnectWorld(t)
  await signInAs(app, { ...adaAtAcme, appUserId: 'ann' })
  const tokensOf = (
    found: Awaited<ReturnType<typeof app.miro.clientsOf>>
  ): Promise<string[]> => Promise.all(found.map(({ client }) => client.accessToken()))
  const hers = await app.miro.clientsOf('ann')
  t.equal((await tokensOf(hers)).length, 1)
  await app.miro.auth.disconnect(adaAtAcme)
  await signInAs(app, { ...adaAtAcme, appUserId: 'bob' })
  await t.rejects(tokensOf(hers), { code: 'MIRO_NOT_CONNECTED' })
  t.equal((await tokensOf(await app.miro.clientsOf('bob'))).length, 1)
})

t.test('connect: without an app user nothing is connected, and no flow is redeemed', async (t) => {
  const { as, browser, tokenRequests } = await createConnectWorld(t)
  const nobody = browser()
  t.match((await nobody.call('/auth/miro/login')).json(), { code: 'MIRO_NO_APP_USER' })
  const page = await nobody.go('/auth/miro/login')
  t.equal(page.statusCode, 401)
  t.match(page.body, '<h1>Connecting to Miro did not work</h1>')
  t.equal(nobody.cookies.size, 0)
  for (const url of ['/boards', '/bare', '/token', pathOf(adaAtAcme)]) {
    const answer = await nobody.go(url)
    t.match(answer.json(), { statusCode: 401, code: 'MIRO_NO_APP_USER' }, `${url}: the app's own login comes first`)
  }
  t.same((await nobody.call('/teams')).json(), [])
  t.equal((await nobody.submit('/auth/miro/disconnect')).statusCode, 401)
  t.equal((await as('').call('/token')).json().code, 'MIRO_NO_APP_USER', 'an empty id is none')

  const ann = as('ann')
  const callback = await toCallback(ann)
  ann.cookies.delete('user')
  const strict = await ann.call(callback)
  t.match(strict.json(), { code: 'MIRO_NO_APP_USER', message: /SameSite=Lax/ })
  t.equal(strict.statusCode, 401)
  t.equal(tokenRequests(), 0)
  ann.cookies.set('user', 'ann')
  t.equal((await ann.go(callback)).statusCode, 303)
})

t.test('callback: a flow ends with the app user who began it', async (t) => {
  const { as, tokenRequests } = await createConnectWorld(t)
  const browser = as('ann')
  const callback = await toCallback(browser)
  browser.cookies.set('user', 'bob')
  const answer = await browser.call(callback)
  t.equal(answer.statusCode, 400)
  t.equal(answer.json().code, 'MIRO_CALLBACK_USER_MISMATCH')
  t.equal(tokenRequests(), 0)
  browser.cookies.set('user', 'ann')
  t.equal((await browser.go(callback)).statusCode, 303, 'nothing was spent')
  browser.cookies.set('user', 'bob')
  t.same((await browser.call('/teams')).json(), [])
})

t.test('callback: a hundred at once make one exchange and go to one place, and so does a later one (single use)', async (t) => {
  const { as, tokenRequests } = await createConnectWorld(t)
  const ann = as('ann')
  const callback = await toCallback(ann, '/auth/miro/login?returnTo=/teams')
  const cookie = Array.from(ann.cookies, ([name, value]) => `${name}=${value}`).join('; ')
  const answers = await Promise.all(Array.from({ length: 100 }, () => ann.go(callback, { cookie })))
  t.ok(answers.every(({ statusCode, headers }) => statusCode === 303 && headers.location === 'http://localhost:3000/teams'))
  t.equal(tokenRequests(), 1)
  t.equal((await ann.go(callback, { cookie })).statusCode, 303)
  t.same(ann.named('result'), [], 'only the window of a panel is told its end by a cookie')
  t.equal((await ann.go(callback, { cookie: cookie.replace('user=ann', 'user=bob') })).statusCode, 400)
  t.equal(tokenRequests(), 1)
})

t.test('request.miro: a grant that Miro refused is not passed over for another team', async (t) => {
  const { as, emulator, app } = await createConnectWorld(t)
  const ann = as('ann')
  await signIn(ann, undefined, { as: adaAtAcme })
  await signIn(ann, undefined, { as: adaAtHarbour })
  emulator.clock.advance(61 * 86_400_000)
  await signIn(ann, undefined, { as: adaAtAcme })
  await signInAs(app, { ...adaAtHarbour, appUserId: 'ann', tokens: { accessToken: 'dead', refreshToken: 'dead', expiresInMs: 10_000 } })
  emulator.clock.advance(10_000)
  t.match((await ann.call('/boards')).json(), { code: 'MIRO_UNAVAILABLE' }, 'a first unclear refusal may be the app\'s own fault')
  emulator.clock.advance(60_000)
  for (const time of ['when it is refused again', 'and from then on']) t.match((await ann.call('/boards')).json(), { code: 'MIRO_REAUTHORIZE' }, time)
  t.equal((await ann.call('/boards')).json().loginUrl, `/auth/miro/login?team_id=${adaAtHarbour.teamId}`, 'login leads to the team that is meant')
  t.equal(locationOf(await ann.go('/boards')).searchParams.get('team_id'), adaAtHarbour.teamId)
  t.equal((await ann.call(pathOf(adaAtAcme))).statusCode, 200)
})

t.test('grants: one that Miro ended can be shown, to be connected again or disconnected', async (t) => {
  const { as, app } = await createConnectWorld(t)
  const teams = (query: string): Promise<unknown> => as('ann').call(`/shown${query}`).then((answer) => answer.json())
  app.get('/shown', async (request) => (await request.miro.grants({ ended: request.url.endsWith('?ended') })).map(({ userId, teamId }) => ({ userId, teamId })))
  await signInAs(app, { ...adaAtAcme, appUserId: 'ann' })
  await signInAs(app, { ...adaAtHarbour, appUserId: 'ann' })
  t.equal((await as('ann').call('/boards')).statusCode, 401, 'Miro refuses the token, and confirms it')
  t.same(await teams(''), [adaAtAcme])
  t.same(await teams('?ended'), [adaAtHarbour, adaAtAcme])
  await as('ann').submit(disconnectUrl(adaAtHarbour))
  t.same(await teams('?ended'), [adaAtAcme])
})

t.test('grant: the option chooses from what it is given, asynchronously, or nothing', async (t) => {
  const offered: GrantRef[][] = []
  const { as } = await createConnectWorld(t, {
    grant: async (request, refs) => {
      offered.push(refs)
      return refs.find(({ teamId }) => teamId === request.headers['x-team'])
    }
  })
  const ann = as('ann')
  t.match((await ann.call('/token')).json(), { code: 'MIRO_NOT_CONNECTED' })
  t.same(offered, [], 'it is not asked where there is nothing to choose')
  await signIn(ann, undefined, { as: adaAtAcme })
  await signIn(ann, undefined, { as: adaAtHarbour })
  for (const { userId, teamId } of [adaAtAcme, adaAtHarbour]) t.match((await ann.call('/me', { 'x-team': teamId })).json(), { userId, teamId })
  t.same(offered.at(-1), [adaAtHarbour, adaAtAcme])
  t.match((await ann.call('/token')).json(), { code: 'MIRO_NOT_CONNECTED' })
  t.equal((await ann.submit('/auth/miro/disconnect', { 'x-team': adaAtAcme.teamId })).statusCode, 303)
  t.same((await ann.call('/teams')).json(), [adaAtHarbour], 'what a request acts for is what it disconnects')
})

t.test('appUserId: an id that is no string or is ill-formed gives MIRO_CONFIG, and links nothing', async (t) => {
  for (const appUserId of [(() => 7) as unknown as () => string, () => 'x\ud800']) {
    const { browser, emulator } = await createWorld(t, { appUserId })
    t.match((await browser().call('/auth/miro/login')).json(), { code: 'MIRO_CONFIG' })
    t.match((await browser().call('/token')).json(), { statusCode: 502, code: 'MIRO_CONFIG' })
    t.equal(emulator.log.length, 0)
  }
})

t.test('connect: there is no logout route, and no session to select', async (t) => {
  const { as, app } = await createConnectWorld(t)
  app.get('/select', async (request) => request.miro.select(adaAtAcme))
  const ann = as('ann')
  t.equal((await ann.submit('/auth/miro/logout')).statusCode, 404)
  await signIn(ann, undefined, { as: adaAtAcme })
  t.match((await ann.call('/select')).json(), { code: 'MIRO_CONFIG' })
})

t.test('hooks: they are told the app user and the grant', async (t) => {
  const told: unknown[] = []
  const { as } = await createConnectWorld(t, {
    hooks: {
      onConnected: ({ appUserId, grant }) => told.push(['connected', appUserId, grant.teamId]),
      onDisconnected: ({ ref, revoked }) => told.push(['disconnected', ref, revoked])
    }
  })
  const ann = as('ann')
  await signIn(ann, undefined, { as: adaAtAcme })
  await ann.submit('/auth/miro/disconnect')
  t.same(told, [['connected', 'ann', adaAtAcme.teamId], ['disconnected', adaAtAcme, true]])
})

/** "Sign in with Miro", and teams connected to whoever is signed in, over one store. */
async function createBothKinds (t: Test, options: Partial<FastifyMiroOptions> = {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  const shared = { clientId: '1', clientSecret: 'x', cookieSecret: 'a secret of the tests, and of nothing else', store: memoryStore() }
  await app.register(fastifyMiro, { ...shared, ...options, redirectUri: 'http://localhost:3000/auth/miro/callback' })
  await app.register(fastifyMiro, {
    ...shared,
    redirectUri: 'http://localhost:3000/team/callback',
    decorator: 'team',
    appUserId: async (request) => (await request.miro.grant())?.userId
  })
  return app
}

t.test('register: "Sign in with Miro" and "Connect Miro" live in one server', async (t) => {
  const app = await createBothKinds(t)
  app.get('/both', async (request) => {
    const team = request.getDecorator<typeof request.miro>('team')
    return { me: await request.miro.grant(), teams: await team.grants() }
  })
  const signedIn = await signInAs(app, adaAtAcme)
  await signInAs(app, { ...adaAtHarbour, decorator: 'team', appUserId: adaAtAcme.userId })
  t.match((await app.inject({ url: '/both', cookies: signedIn })).json(), { me: adaAtAcme, teams: [adaAtHarbour, adaAtAcme] })
  t.match((await app.inject('/both')).json(), { me: null, teams: [] })
  await t.rejects(signInAs(app, { ...adaAtAcme, decorator: 'tema' }), { code: 'MIRO_CONFIG' })
  await t.rejects(signInAs(app, { ...adaAtAcme, decorator: 'team' }), { code: 'MIRO_CONFIG' }, 'whom to?')
  await t.rejects(signInAs(app, { ...adaAtAcme, appUserId: 'ann' }), { code: 'MIRO_CONFIG' }, 'nobody but the Miro user')
})

t.test('session: a grant of another Miro user, which "Connect Miro" linked to the user, is not the user\'s in sign-in mode', async (t) => {
  for (const grant of [undefined, (
    _request: unknown,
    refs: GrantRef[]
  ) => refs.find(({ userId }) => userId === graceAtAcme.userId) ?? refs[0]]) {
    const app = await createBothKinds(t, { grant })
    app.get('/me', async (request) => ({ me: await request.miro.grant(), all: await request.miro.grants() }))
    app.post('/select', async (request) => request.miro.select(graceAtAcme))
    app.get('/of', async (request) => request.miro.for(graceAtAcme).accessToken())
    const cookies = await signInAs(app, adaAtAcme)
    await signInAs(app, { ...graceAtAcme, teamId: '1' })
    await signInAs(app, { ...graceAtAcme, decorator: 'team', appUserId: adaAtAcme.userId })
    t.match((await app.inject({ method: 'POST', url: '/select', cookies })).json(), { code: 'MIRO_NOT_CONNECTED' })
    t.match((await app.inject({ url: '/of', cookies })).json(), { code: 'MIRO_NOT_CONNECTED' })
    t.match((await app.inject({ url: '/me', cookies })).json(), { me: adaAtAcme, all: [adaAtAcme] })
    t.equal((await app.miro.clientsOf(adaAtAcme.userId)).length, 1)
  }
})
