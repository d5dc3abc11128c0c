import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMiroAuth, type MiroAuth } from '@miro-oauth/core'
import type { Emulator } from '@miro-oauth/emulator'
import type { Visitor } from '@miro-oauth/example-shared/testing'
import express from 'express'
import t, { type Test } from 'tap'
import { connectMiro as connectWithExpress } from '../src/express.js'
import { connectMiro as connectWithNext } from '../src/nextjs/connect-miro.js'
import { miro as miroOfProcess } from '../src/nextjs/miro.js'
import {
  authOptions, browserOf, cookiesSet, listen, origin, startAuth, startMiro, throughHandlers, userIn, type Send
} from './fixtures/web.js'

interface App {
  auth: MiroAuth
  redirectUri: string
}

const frameworks: Record<string, (t: Test, app: App) => Promise<Send>> = {
  async express (t, { auth, redirectUri }) {
    const app = express()
    // Otherwise it prints what it answers with 401.
    app.set('env', 'test')
    // With it a parameter may be an object too.
    app.set('query parser', 'extended')
    app.use('/miro', connectWithExpress({ auth, redirectUri, userOf: (request) => userIn(request.headers.cookie) }))
    return listen(t, createServer(app))
  },
  async 'next.js' (_t, app) {
    const after = (): void => {}
    return throughHandlers(connectWithNext({ miro: () => app, userOf: async ({ headers }) => userIn(headers.get('cookie')), after }))
  }
}

interface World {
  emulator: Emulator
  auth: MiroAuth
  /** A new browser. */
  browserOf: (user: string | null) => Visitor
}

async function startApp (t: Test, framework: (t: Test, app: App) => Promise<Send>, redirectUri = `${origin}/miro/callback`): Promise<World> {
  const emulator = await startMiro(t, '/miro/callback')
  const auth = startAuth(t, emulator)
  const send = await framework(t, { auth, redirectUri })
  return { emulator, auth, browserOf: (user) => browserOf(user, send) }
}

/** Goes to Miro's page and presses its button. Returns the callback's URL. */
async function pressButton (browser: Visitor, { emulator, decision = 'authorize' }: {
  emulator: Emulator
  decision?: 'authorize' | 'decline'
}): Promise<string> {
  const page = await browser.goToMiro('/miro/login')
  return emulator.authorize(page, emulator.person('Ada Lovelace'), decision)
}

for (const [name, framework] of Object.entries(frameworks)) {
  t.test(`${name}: a person connects, sees boards, and disconnects`, async (t) => {
    const { emulator, auth, browserOf } = await startApp(t, framework)
    const ada = browserOf('ada')
    t.match(await ada.get('/miro/boards'), { status: 401, body: /MIRO_NOT_CONNECTED/ })
    const login = await ada.get('/miro/login')
    t.equal(login.status, 303)
    t.match(cookiesSet(login), [/^__Host-miro-flow=[\w-]{43}; Max-Age=600; Path=\/;(?=.* HttpOnly)(?=.* Secure)(?=.* SameSite=Lax)/])
    const state = new URL(String(login.location)).searchParams.get('state') ?? ''
    t.equal(Buffer.from(state, 'base64url').length, 32)
    t.notOk(cookiesSet(login).join().includes(state))
    const callback = await emulator.authorize(String(login.location), emulator.person('Ada Lovelace'))
    const connected = await ada.get(callback)
    t.match(connected, { status: 303, location: `${origin}/?miro=connected` })
    const boards = await ada.get('/miro/boards')
    t.equal(boards.status, 200)
    t.equal((JSON.parse(boards.body) as { total: number }).total, 8)
    for (const { headers, body } of [login, connected, boards]) {
      t.match(headers, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      t.notMatch(body + JSON.stringify(headers), /access_token|refresh_token|accessToken/)
    }
    t.match(await browserOf('grace').get('/miro/boards'), { status: 401 }, 'another user has none of it')
    t.match(await ada.post('/miro/disconnect', {}, { 'sec-fetch-site': 'cross-site' }), { status: 400 })
    t.match(await ada.post('/miro/disconnect', {}, { 'sec-fetch-site': 'same-site' }), { status: 400 })
    // As a browser of today on plain http, and one of before 2023.
    t.match(await ada.post('/miro/disconnect', {}, { origin: 'http://other.example' }), { status: 400 })
    t.match(await ada.post('/miro/disconnect', {}, { origin: 'null' }), { status: 400 })
    t.match(await ada.get('/miro/disconnect'), { status: 404 })
    t.equal((await auth.grants('ada')).length, 1)
    // As a page with `Referrer-Policy: no-referrer` sends it, which is what helmet sets.
    const own = { 'sec-fetch-site': 'same-origin', origin: 'null' }
    t.match(await ada.post('/miro/disconnect', {}, own), { status: 303, location: `${origin}/` })
    t.same(await auth.grants('ada'), [])
    t.same(emulator.ledger.live({}, emulator.miroClock.now()), [], 'Miro has revoked the tokens')
  })

  t.test(`${name}: a callback counts once, in the browser and for the user of its login`, async (t) => {
    const { emulator, auth, browserOf } = await startApp(t, framework)
    const [ada, mallory] = [browserOf('ada'), browserOf('mallory')]
    const strangers = await pressButton(mallory, { emulator })
    t.match(await ada.get(strangers), { status: 400 }, 'in a browser that began no flow')
    const own = await pressButton(ada, { emulator })
    t.match(await ada.get(strangers), { status: 400 }, 'in a browser with a flow of its own')
    const url = new URL(own)
    const state = url.searchParams.get('state') ?? ''
    const broken = (change: (query: URLSearchParams) => void): string => {
      const query = new URLSearchParams(url.search)
      change(query)
      return `/miro/callback?${query}`
    }
    for (const [name, path] of Object.entries({
      'without a state': broken((query) => query.delete('state')),
      'with an empty state': broken((query) => query.set('state', '')),
      'with another state': broken((query) => query.set('state', `${state}x`)),
      'with two states': broken((query) => query.append('state', state)),
      'with an object for a state': '/miro/callback?state[toString]=x&state[valueOf]=x&code=x'
    })) t.match(await ada.get(path), { status: 400 }, name)
    t.match(await browserOf(null).get(own), { status: 401 }, 'where nobody is signed in')
    ada.cookies.set('session', 'grace')
    t.match(await ada.get(own), { status: 400 }, 'where another user has signed in since')
    ada.cookies.set('session', 'ada')
    t.same(emulator.ledger.requests(), [], 'none of these codes was sent')
    t.match(await ada.get(own), { status: 303 })
    t.match(await ada.get(own), { status: 400 }, 'a second time')
    t.equal(emulator.ledger.requests().length, 1)
    t.same([await auth.grants('grace'), await auth.grants('mallory')], [[], []])
  })

  t.test(`${name}: each of five tabs ends the login it began, and a sixth one takes the place of the oldest`, async (t) => {
    const { emulator, auth, browserOf } = await startApp(t, framework)
    const ada = browserOf('ada')
    const callbacks: string[] = []
    for (let tab = 0; tab < 6; tab++) callbacks.push(await pressButton(ada, { emulator }))
    t.ok(String(ada.cookies.get('__Host-miro-flow')).length < 250)
    const [oldest = '', ...others] = callbacks
    t.match(await ada.get(oldest), { status: 400 })
    for (const callback of others.reverse()) t.match(await ada.get(callback), { status: 303, location: `${origin}/?miro=connected` })
    for (const callback of callbacks) t.match(await ada.get(callback), { status: 400 }, 'each counts once')
    t.equal((await auth.grants('ada')).length, 1)
    t.notOk(ada.cookies.has('__Host-miro-flow'))
    ada.cookies.set('__Host-miro-flow', '.'.repeat(3000))
    t.match(await ada.get(await pressButton(ada, { emulator })), { status: 303 }, 'after a cookie that is not ours')
  })

  t.test(`${name}: a callback without one good code ends its flow, and sends nothing to Miro`, async (t) => {
    const { emulator, browserOf } = await startApp(t, framework)
    const ada = browserOf('ada')
    const declined = await ada.get(await pressButton(ada, { emulator, decision: 'decline' }))
    t.match(declined, { status: 303, location: `${origin}/?miro=declined` })
    for (const query of ['', '&code=', '&code=a&code=b', '&error=server_error', '&error=server_error&code=a', '&error=access_denied&error=x']) {
      const page = new URL(await ada.goToMiro('/miro/login'))
      const path = `/miro/callback?state=${page.searchParams.get('state')}${query}`
      const answer = await ada.get(path)
      t.match(answer, { status: 400 }, query)
      t.notOk(ada.cookies.has('__Host-miro-flow'))
    }
    t.same(emulator.ledger.requests(), [])
    const page = new URL(await ada.goToMiro('/miro/login'))
    const madeUp = await ada.get(`/miro/callback?code=made-up&state=${page.searchParams.get('state')}`)
    t.match(madeUp, { status: 400, body: /^\{"code":"MIRO_CODE_REJECTED","message":"[^"]+"\}$/ })
  })

  t.test(`${name}: failures of Miro keep status, Retry-After and code; users of the app sign in there first`, async (t) => {
    const { emulator, browserOf } = await startApp(t, framework)
    const ada = browserOf('ada')
    await ada.get(await pressButton(ada, { emulator }))
    emulator.faults.add({ on: '/v2/boards', do: 'answer', status: 404, body: { status: 404, code: 'notFound', message: 'planted', type: 'error' } })
    const missing = await ada.get('/miro/boards')
    t.match(missing, { status: 404, body: /MIRO_API/ })
    t.notMatch(missing.body, 'planted')
    emulator.clock.advance(3_600_000)
    emulator.faults.add({ on: 'token', do: 'answer', status: 429, headers: { 'retry-after': '60' } })
    const printed = t.capture(console, 'error')
    t.match(await ada.get('/miro/boards'), { status: 503, headers: { 'retry-after': /^\d+$/ }, body: /MIRO_UNAVAILABLE/ })
    t.match(printed(), [{ args: [{ code: 'MIRO_UNAVAILABLE' }] }])
    for (const path of ['/miro/login', '/miro/boards']) t.match(await browserOf(null).get(path), { status: 401 }, path)
    t.match(await browserOf(null).post('/miro/disconnect'), { status: 401 })
    t.match(await browserOf('').get('/miro/login'), { status: 401 }, 'with an empty id')
  })

  t.test(`${name}: on http, where browsers may refuse a Secure cookie, the cookie has no prefix`, async (t) => {
    const { browserOf } = await startApp(t, framework, 'http://localhost:3000/miro/callback')
    const [cookie = ''] = cookiesSet(await browserOf('ada').get('/miro/login'))
    t.match(cookie, /^miro-flow=/)
    t.notMatch(cookie, /secure/i)
  })
}

t.test('express: a HEAD request begins no flow, and spends no code', async (t) => {
  const emulator = await startMiro(t, '/miro/callback')
  const app = express().use('/miro', connectWithExpress({
    auth: startAuth(t, emulator), redirectUri: `${origin}/miro/callback`, userOf: () => 'ada'
  }))
  const server = createServer(app)
  await listen(t, server)
  const ask = (path: string, init: RequestInit): Promise<Response> => {
    return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { redirect: 'manual', ...init })
  }
  const login = await ask('/miro/login', {})
  const callback = new URL(await emulator.authorize(login.headers.get('location') ?? '', emulator.person('Ada Lovelace')))
  const headers = { cookie: login.headers.getSetCookie().join().split(';', 1).join() }
  for (const path of ['/miro/login', callback.pathname + callback.search]) {
    const answer = await ask(path, { method: 'HEAD', headers })
    t.match({ status: answer.status, cookies: answer.headers.getSetCookie() }, { status: 405, cookies: [] }, path)
  }
  t.same(emulator.ledger.requests(), [])
  t.match((await ask(callback.pathname + callback.search, { headers })).headers.get('location'), 'miro=connected')
})

t.test('next.js: the function is kept until a refresh is stored that its answer did not wait for', async (t) => {
  const emulator = await startMiro(t, '/miro/callback')
  const auth = createMiroAuth({ ...authOptions(emulator), refresh: { aheadMs: 20 } })
  t.teardown(() => auth.close())
  let kept = Promise.resolve()
  const handlers = connectWithNext({
    miro: () => ({ auth, redirectUri: `${origin}/miro/callback` }),
    userOf: async () => 'ada',
    after: (work) => { kept = work }
  })
  const ada = browserOf('ada', throughHandlers(handlers))
  await ada.get(await pressButton(ada, { emulator }))
  emulator.clock.advance(56 * 60_000)
  let open = (): void => {}
  const until = new Promise<void>((resolve) => { open = resolve })
  const held = emulator.faults.add({ on: 'token', do: 'delay', until })
  t.match(await ada.get('/miro/boards'), { status: 200 })
  await held.hit
  let isOver = false
  const over = kept.then(() => { isOver = true })
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(isOver)
  open()
  await over
  t.match(emulator.ledger.requests().map(({ kind }) => kind), ['exchange', 'refresh'])
  t.match(emulator.ledger.pairs().at(-1), { delivery: 'written' })
})

t.test('next.js: one auth for the process, also where the module is loaded again, and none before a request', async (t) => {
  const names = ['MIRO_CLIENT_ID', 'MIRO_CLIENT_SECRET', 'MIRO_REDIRECT_URI', 'STORE_URL', 'STORE_KEYS']
  t.teardown(() => {
    for (const name of names) Reflect.deleteProperty(process.env, name)
    Reflect.deleteProperty(globalThis, 'miro')
  })
  t.throws(miroOfProcess, { message: /MIRO_REDIRECT_URI/ }, 'the module itself loads without variables')
  const { clientId, clientSecret } = (await startMiro(t, '/miro/callback')).app
  const key = `test:${randomBytes(32).toString('base64url')}`
  const values = [clientId, clientSecret, `${origin}/miro/callback`, 'postgres://localhost/none', key]
  names.forEach((name, index) => { process.env[name] = values[index] })
  const again = await import(`../src/nextjs/miro.js?again=${'1'}`) as { miro: typeof miroOfProcess }
  t.equal(again.miro().auth, miroOfProcess().auth)
  await miroOfProcess().auth.close()
})
