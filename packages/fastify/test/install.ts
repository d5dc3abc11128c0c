import t from 'tap'
import { memoryStore, type FastifyMiroOptions, type Store } from '../src/index.js'
import { openPanelAs } from '../src/testing/index.js'
import { authorize, createWorld, members, redirectUri } from './fixtures/world.js'

const { adaAtAcme, graceAtAcme } = members
const installUri = 'http://localhost:3000/auth/miro/install'

async function createInstalls (t: Parameters<typeof createWorld>[0], options: Partial<FastifyMiroOptions> = {}) {
  const world = await createWorld(t, { routes: { install: '/auth/miro/install' }, panel: true, ...options }, {}, {
    seed: { app: { redirectUris: [redirectUri, installUri] } }
  })
  const { emulator } = world
  /** Where Miro sends the browser after an install that it started: without a state. */
  const startAtMiro = async (as = adaAtAcme) => {
    const url = new URL(emulator.authorizeUrl)
    url.search = new URLSearchParams({ response_type: 'code', client_id: emulator.app.clientId, redirect_uri: installUri }).toString()
    const callback = await authorize(url, { as })
    return callback.pathname + callback.search
  }
  return { ...world, startAtMiro, completedUrl: new URL('/app-install-completed/', emulator.authorizeUrl) }
}

t.test('install: one that Miro starts stores the grant under Miro\'s identity, and leads to Miro\'s page', async (t) => {
  const told: unknown[] = []
  const { app, browser, emulator, startAtMiro, completedUrl } = await createInstalls(t, {
    hooks: { onConnected: ({ grant, appUserId }) => { told.push([grant.userId, grant.teamName, appUserId]) } }
  })
  const person = browser()
  const url = await startAtMiro()
  t.notMatch(url, 'state=')
  const answer = await person.go(url)
  t.equal(answer.statusCode, 303)
  completedUrl.search = new URLSearchParams({ client_id: emulator.app.clientId, team_id: adaAtAcme.teamId }).toString()
  t.equal(answer.headers.location, completedUrl.href)
  t.equal(person.cookies.size, 0)
  t.same(await app.miro.auth.grants(adaAtAcme.userId), [], 'no link')
  t.equal((await app.miro.auth.snapshot(adaAtAcme)).grant?.teamId, adaAtAcme.teamId)
  t.match(told, [[adaAtAcme.userId, /./, null]])
  const headers = await openPanelAs(app, { ...adaAtAcme, connected: false })
  t.equal((await app.inject({ url: '/auth/miro/connect/status', headers })).statusCode, 204, 'the panel of that person has it')
})

t.test('install: the completion names the team of Miro\'s token answer, whatever the query says', async (t) => {
  const { browser, startAtMiro } = await createInstalls(t)
  const url = (await startAtMiro()).replace(/team_id=\d+/, 'team_id=666')
  t.match(String((await browser().go(url)).headers.location), new RegExp(`team_id=${adaAtAcme.teamId}$`))
})

t.test('install: the session and links of the browser\'s user stay as they are', async (t) => {
  const { browser, app, startAtMiro } = await createInstalls(t)
  const person = browser()
  const callback = await authorize(String((await person.go('/auth/miro/login')).headers.location), { as: graceAtAcme })
  await person.go(callback.pathname + callback.search)
  const before = new Map(person.cookies)
  t.equal((await person.go(await startAtMiro())).statusCode, 303)
  t.same(person.cookies, before)
  t.match((await person.call('/me')).json(), graceAtAcme)
  t.match(await app.miro.auth.grants(graceAtAcme.userId), [graceAtAcme])
})

t.test('install: in connect mode it links no one, and asks no appUserId', async (t) => {
  let asked = 0
  const { browser, app, startAtMiro } = await createInstalls(t, { appUserId: () => { asked++; return 'ann' } })
  t.equal((await browser().go(await startAtMiro())).statusCode, 303)
  t.same(await app.miro.auth.grants('ann'), [])
  t.equal(asked, 0)
})

t.test('install: admit decides with Miro\'s identity alone; a grant that it refuses is ended at Miro', async (t) => {
  const asked: unknown[] = []
  const { browser, emulator, startAtMiro } = await createInstalls(t, {
    admit: ({ request, grant, appUserId }) => {
      asked.push([request.routeOptions.config.miro?.route, grant.userId, appUserId])
      return false
    }
  })
  const answer = await browser().go(await startAtMiro())
  t.equal(answer.statusCode, 403)
  t.match(answer.body, /Installing the app did not work.*MIRO_NOT_ADMITTED/s)
  t.same(asked, [['install', adaAtAcme.userId, null]])
  t.equal(emulator.ledger.live(adaAtAcme, emulator.miroClock.now()).length, 0)
})

t.test('install: a failure is told at an address without the code, and leads to no login', async (t) => {
  const { browser, tokenRequests } = await createInstalls(t)
  for (const [query, code, exchanges] of [
    ['?code=made-up', 'MIRO_CODE_REJECTED', 1],
    ['?error=access_denied', 'MIRO_ACCESS_DENIED', 0],
    ['?error=', 'MIRO_CALLBACK_CODE_MISSING', 0],
    ['?error=server_error&code=x', 'MIRO_CALLBACK_CODE_MISSING', 0],
    ['?team_id=1', 'MIRO_CALLBACK_CODE_MISSING', 0],
    ['?code=', 'MIRO_CALLBACK_CODE_MISSING', 0],
    ['?code=x&client_id=1', 'MIRO_CALLBACK_CLIENT_MISMATCH', 0],
    ['?code=x&code=y', 'MIRO_CALLBACK_PARAMETER_REPEATED', 0]
  ] as const) {
    const before = tokenRequests()
    const person = browser()
    const answer = await person.send({ url: `/auth/miro/install${query}`, headers: { accept: 'text/html' } })
    t.equal(answer.headers.location, '/auth/miro/install', query)
    const page = await person.go('/auth/miro/install')
    t.match(page.body, code)
    t.notMatch(page.body, 'Try again')
    t.equal(tokenRequests() - before, exchanges, query)
    t.equal((await person.send({ url: `/auth/miro/install${query}`, headers: { accept: 'application/json' } })).json().code, code)
  }
})

t.test('install: hundreds of hostile hits leave no session, no link and no record, and an honest install goes through', async (t) => {
  const store = memoryStore()
  const { app, browser, emulator, startAtMiro, tokenRequests } = await createInstalls(t, { store })
  const honest = await startAtMiro()
  const hit = (index: number) => app.inject({
    url: `/auth/miro/install?code=made-up-${index}&team_id=1&client_id=${emulator.app.clientId}`,
    headers: { host: 'localhost:3000', accept: 'application/json' },
    remoteAddress: '203.0.113.7'
  })
  const answers = await Promise.all(Array.from({ length: 300 }, (_, index) => hit(index)))
  const codes = new Set(answers.map((answer) => String(answer.json().code)))
  t.same(Array.from(codes).sort(), ['MIRO_CODE_REJECTED', 'MIRO_RATE_LIMITED'])
  t.ok(tokenRequests() <= 80, `${tokenRequests()} of them went to Miro`)
  const kept = await Promise.all(['grant', 'link', 'session', 'flow'].map((kind) => store.scan?.({ prefix: kind, expiresBefore: null, limit: 10 })))
  t.same(kept.map((page) => page?.keys), [[], [], [], []])
  t.ok(answers.every(({ cookies }) => cookies.length === 0))
  t.equal((await browser().go(honest)).statusCode, 303)
})

t.test('install: hostile hits that a slow Miro holds keep no sign-in waiting', async (t) => {
  const { app, browser, emulator } = await createInstalls(t, { exchangesAtOnce: 2 })
  const person = browser()
  const callback = await authorize(String((await person.go('/auth/miro/login')).headers.location), { as: adaAtAcme })
  let release = (): void => {}
  const until = new Promise<void>((resolve) => { release = resolve })
  emulator.faults.add({ on: 'token', match: ({ parameters }) => parameters.get('code')?.startsWith('made-up') === true, times: Infinity, do: 'delay', when: 'before', until })
  const hits = Array.from({ length: 8 }, (_, index) => app.inject({
    url: `/auth/miro/install?code=made-up-${index}`,
    headers: { accept: 'application/json' },
    remoteAddress: `203.0.113.${index}`
  }))
  t.equal((await person.go(callback.pathname + callback.search)).statusCode, 303)
  release()
  await Promise.all(hits)
})

t.test('install: a code that comes again is not sent to Miro again, and leads to the same end', async (t) => {
  const { browser, startAtMiro, tokenRequests, app } = await createInstalls(t)
  const url = await startAtMiro()
  const answers = await Promise.all([browser().go(url), browser().go(url)])
  answers.push(await browser().go(url))
  t.equal(new Set(answers.map(({ headers }) => headers.location)).size, 1)
  t.equal(tokenRequests(), 1)
  t.equal((await app.miro.auth.snapshot(adaAtAcme)).grant?.teamId, adaAtAcme.teamId)
})

t.test('install: images and frames of another site spend none of their visitor\'s tries', async (t) => {
  const { browser, startAtMiro, tokenRequests } = await createInstalls(t)
  const person = browser()
  for (const [mode, dest] of [['no-cors', 'image'], ['navigate', 'iframe'], ['cors', 'empty']] as const) {
    const answer = await person.call('/auth/miro/install?code=made-up', { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest })
    t.equal(answer.json().code, 'MIRO_CROSS_SITE')
  }
  t.equal(tokenRequests(), 0)
  t.equal((await person.go(await startAtMiro())).statusCode, 303)
})

t.test('install: an address whose codes were refused is told so at once, and not in line', async (t) => {
  // On a busy machine 70 hits take longer than the second after which the address may try again.
  const now = Date.now()
  const clock = { now: () => now, monotonic: () => 0 }
  const { app, emulator } = await createInstalls(t, { exchangesAtOnce: 1, clock })
  const hit = (code: string, remoteAddress: string) => app.inject({
    url: `/auth/miro/install?code=${code}`, headers: { accept: 'application/json' }, remoteAddress
  })
  await Promise.all(Array.from({ length: 70 }, (_, index) => hit(`made-up-${index}`, '203.0.113.7')))
  let release = (): void => {}
  const until = new Promise<void>((resolve) => { release = resolve })
  const fault = emulator.faults.add({ on: 'token', do: 'delay', when: 'before', until })
  const slow = hit('slow', '203.0.113.8')
  await fault.hit
  t.equal((await hit('made-up', '203.0.113.7')).json().code, 'MIRO_RATE_LIMITED')
  release()
  t.equal((await slow).json().code, 'MIRO_CODE_REJECTED')
})

t.test('install: a record of its code that is corrupt is MIRO_RECORD, and stays as it is', async (t) => {
  const inner = memoryStore()
  const body = '{"userId":1}'
  const store: Store = {
    ...inner,
    get: async (key) => key.endsWith(':install') ? { body, version: '1', ageMs: 0, expiresAt: null } : inner.get(key)
  }
  const { browser, startAtMiro, tokenRequests } = await createInstalls(t, { store })
  const answer = await browser().send({ url: await startAtMiro(), headers: { accept: 'application/json' } })
  t.equal(answer.statusCode, 503)
  t.equal(answer.json().code, 'MIRO_RECORD')
  t.equal(tokenRequests(), 0)
})

t.test('install: a refused one is an event and a hook that name the route', async (t) => {
  const seen: unknown[] = []
  const { browser } = await createInstalls(t, {
    onEvent: (event) => { if (event.type === 'callback_refused') seen.push([event.code, event.route]) },
    hooks: { onRefused: ({ code, route }) => { seen.push([code, route]) } }
  })
  await browser().call('/auth/miro/install?team_id=1', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })
  await browser().call('/auth/miro/callback?code=x&state=x')
  t.same(seen, [
    ['MIRO_CALLBACK_CODE_MISSING', 'install'], ['MIRO_CALLBACK_CODE_MISSING', 'install'],
    ['MIRO_CALLBACK_STATE_UNKNOWN', 'callback'], ['MIRO_CALLBACK_STATE_UNKNOWN', 'callback']
  ])
})

t.test('install: a prefetch exchanges nothing', async (t) => {
  const { browser, startAtMiro, tokenRequests } = await createInstalls(t)
  const url = await startAtMiro()
  t.equal((await browser().go(url, { 'sec-purpose': 'prefetch' })).statusCode, 412)
  t.equal(tokenRequests(), 0)
  t.equal((await browser().go(url)).statusCode, 303)
})
