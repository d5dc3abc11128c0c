import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { memoryStore } from '../src/index.js'
import { signInAs } from '../src/testing/index.js'
import { locationOf, type Browser } from './fixtures/browser.js'
import { authorize, createWorld, members, redirectUri, signIn, toCallback } from './fixtures/world.js'

const hour = 3_600_000

t.test('login: a navigation without a grant goes to login, to Miro, and back to its URL', async (t) => {
  const { browser, emulator } = await createWorld(t)
  const person = browser()
  const refused = await person.go('/boards?limit=5')
  t.equal(refused.statusCode, 303)
  const login = locationOf(refused)
  t.equal(login.pathname, '/auth/miro/login')
  t.equal(login.searchParams.get('returnTo'), '/boards?limit=5')

  const toMiro = await person.go(login.pathname + login.search)
  t.equal(toMiro.statusCode, 303)
  t.equal(toMiro.headers['cache-control'], 'no-store')
  const miro = locationOf(toMiro)
  t.equal(miro.origin + miro.pathname, emulator.authorizeUrl)
  t.same([...miro.searchParams.keys()].sort(), ['client_id', 'redirect_uri', 'response_type', 'state'])
  t.equal(miro.searchParams.get('redirect_uri'), redirectUri)
  t.match(miro.searchParams.get('state'), /^[\w-]{43}$/)

  const callback = await authorize(miro)
  const back = await person.go(callback.pathname + callback.search)
  t.equal(back.statusCode, 303)
  t.equal(back.headers.location, 'http://localhost:3000/boards?limit=5')
  t.equal(back.headers['referrer-policy'], 'no-referrer')
  const boards = await person.go('/boards')
  t.equal(boards.statusCode, 200)
  t.ok(boards.json().data.length > 0)
})

for (const ids of ['text', 'numbers'] as const) {
  t.test(`ids: they are exact strings when Miro sends them as ${ids}`, async (t) => {
    const { browser } = await createWorld(t, {}, {}, { ids })
    const person = browser()
    await signIn(person)
    const { userId, teamId, userName, teamName } = (await person.call('/me')).json()
    t.match(userId, /^\d{19}$/)
    t.match(teamId, /^\d{19}$/)
    t.ok(userName.length > 0 && teamName.length > 0)
  })
}

t.test('hooks: a logout, a refusal and a disconnect by the app are told, each once', async (t) => {
  const told: unknown[] = []
  const { app, browser } = await createWorld(t, {
    hooks: {
      onSignedOut: ({ request }) => told.push(['signed out', request.method]),
      onRefused: ({ route, code }) => told.push(['refused', route, code]),
      onDisconnected: ({ request, ref, revoked }) => told.push(['disconnected', request, ref, revoked])
    }
  })
  const person = browser()
  await signIn(person, undefined, { as: members.adaAtAcme })
  await person.submit('/auth/miro/logout')
  await person.go('/auth/miro/callback?code=x&state=x')
  await person.submit('/auth/miro/logout', { 'sec-fetch-site': 'cross-site' })
  t.same(await app.miro.auth.disconnect(members.adaAtAcme), { ended: true, revoked: true })
  t.same(await app.miro.auth.disconnect(members.adaAtAcme), { ended: false, revoked: false })
  t.same(told, [
    ['signed out', 'POST'], ['refused', 'callback', 'MIRO_CALLBACK_STATE_UNKNOWN'],
    ['refused', 'logout', 'MIRO_CROSS_SITE'], ['disconnected', null, members.adaAtAcme, true]
  ])
})

t.test('forget: a Miro user is gone with every session and the index of them', async (t) => {
  const store = memoryStore()
  const { app, browser } = await createWorld(t, { store })
  const [laptop, phone, other] = [browser(), browser(), browser()]
  await signIn(laptop, undefined, { as: members.adaAtAcme })
  await signIn(phone, undefined, { as: members.adaAtHarbour })
  await signIn(other, undefined, { as: members.graceAtAcme })
  t.match(await app.miro.auth.forget(members.adaAtAcme.userId), { disconnected: 2 })
  for (const one of [laptop, phone]) t.equal((await one.call('/me')).statusCode, 401)
  t.equal((await other.call('/me')).statusCode, 200)
  for (const kind of ['session', 'sessions', 'link']) {
    const { keys = [] } = await store.scan?.({ prefix: `miro:${kind}:`, expiresBefore: null, limit: 100 }) ?? {}
    t.equal(keys.length, 1, `${kind}: hers alone is left`)
  }
  await app.miro.auth.forgetGrant(members.graceAtAcme)
  t.equal((await other.call('/me')).statusCode, 401)
})

t.test('refresh: after an hour 50 requests make one refresh, and all succeed', async (t) => {
  const { browser, emulator, tokenRequests } = await createWorld(t)
  const person = browser()
  await signIn(person)
  emulator.clock.advance(hour)
  const answers = await Promise.all(Array.from({ length: 50 }, () => person.call('/boards')))
  t.ok(answers.every(({ statusCode }) => statusCode === 200))
  t.equal(tokenRequests(), 2)
})

t.test('refresh: a token that Miro refuses early is replaced, and the call repeated', async (t) => {
  const { browser, emulator, tokenRequests } = await createWorld(t)
  const person = browser()
  await signIn(person)
  emulator.miroClock.advance(hour)
  t.equal((await person.call('/boards')).statusCode, 200)
  t.equal(tokenRequests(), 2)
})

t.test('refresh: tokens that do not expire are not refreshed', async (t) => {
  const { browser, emulator, tokenRequests } = await createWorld(t, {}, {}, { seed: { app: { expiring: false } } })
  const person = browser()
  await signIn(person)
  emulator.clock.advance(20 * hour)
  t.equal((await person.call('/boards')).statusCode, 200)
  t.equal(tokenRequests(), 1)
})

t.test('login: team_id preselects a team at Miro, and a malformed one is left out', async (t) => {
  const { browser, app } = await createWorld(t)
  const person = browser()
  const url = app.miro.loginUrl({ returnTo: '/boards', teamId: '3458764530000000005' })
  t.equal(locationOf(await person.go(url)).searchParams.get('team_id'), '3458764530000000005')
  t.notOk(locationOf(await person.go('/auth/miro/login?team_id=%0d%0a<x>')).searchParams.has('team_id'))
})

t.test('login: the redirect URI is sent to the letter, at authorize and in the exchange', async (t) => {
  for (const uri of ['http://LOCALHOST:3000/auth/miro/callback', 'http://localhost:3000/auth/miro/callback/']) {
    const { browser } = await createWorld(t, { redirectUri: uri }, {}, { seed: { app: { redirectUris: [uri] } } })
    const person = browser()
    const login = locationOf(await person.go('/auth/miro/login'))
    t.equal(login.searchParams.get('redirect_uri'), uri)
    const callback = await authorize(login)
    t.equal((await person.go(callback.pathname + callback.search)).statusCode, 303)
  }
})

t.test('cookies: HttpOnly, SameSite=Lax, on the root path, and on https Secure with the __Host- prefix', async (t) => {
  for (const [uri, prefix] of [[redirectUri, 'miro_'], ['https://app.example/auth/miro/callback', '__Host-miro_']] as const) {
    const { app, emulator } = await createWorld(t, { redirectUri: uri })
    const response = await app.inject({ url: '/auth/miro/login', headers: { host: new URL(uri).host } })
    const [cookie] = response.cookies
    t.equal(cookie?.name.startsWith(`${prefix}${emulator.app.clientId}_flow_`), true)
    t.match(cookie, { httpOnly: true, path: '/', sameSite: 'Lax' })
    t.equal(cookie?.secure, uri.startsWith('https') ? true : undefined)
    t.notOk(cookie?.domain)
  }
})

t.test('login: the flows of two tabs do not disturb each other, in either order', async (t) => {
  const { browser } = await createWorld(t)
  const person = browser()
  const one = await toCallback(person, '/auth/miro/login?returnTo=/one')
  const two = await toCallback(person, '/auth/miro/login?returnTo=/two')
  t.equal((await person.go(two)).headers.location, 'http://localhost:3000/two')
  t.equal((await person.go(one)).headers.location, 'http://localhost:3000/one')
})

t.test('login: a browser holds five flows at most, and the oldest is dropped', async (t) => {
  const { browser, emulator } = await createWorld(t)
  const person = browser()
  const first = await toCallback(person)
  for (let tab = 0; tab < 6; tab++) {
    emulator.clock.advance(1000)
    await person.go('/auth/miro/login')
    t.ok(person.named('flow').length <= 5)
  }
  t.match((await person.go(first)).body, 'MIRO_CALLBACK_STATE_UNKNOWN')
})

t.test('login: on another host it moves to the host of the redirect URI, once', async (t) => {
  const { app } = await createWorld(t)
  const moved = await app.inject({ url: '/auth/miro/login?returnTo=/boards', headers: { host: '127.0.0.1:3000' } })
  t.equal(moved.statusCode, 303)
  t.equal(moved.headers.location, 'http://localhost:3000/auth/miro/login?returnTo=%2Fboards&moved=1')
  t.same(moved.cookies, [])
  const lying = await app.inject({ url: '/auth/miro/login?moved=1', headers: { host: 'evil.example' } })
  t.notMatch(lying.headers.location, 'evil.example')
  t.equal(locationOf(lying).searchParams.get('redirect_uri'), redirectUri)
})

t.test('callback: a reload or the back button goes where the first one went, with one exchange', async (t) => {
  const { browser, tokenRequests } = await createWorld(t)
  const person = browser()
  const callback = await toCallback(person, '/auth/miro/login?returnTo=/boards')
  await person.go(callback)
  const again = await person.go(callback)
  t.equal(again.statusCode, 303)
  t.equal(again.headers.location, 'http://localhost:3000/boards')
  t.equal(tokenRequests(), 1)
})

t.test('callback: twenty at once make one exchange and one session, and go the same way (single use)', async (t) => {
  const { browser, tokenRequests } = await createWorld(t)
  const person = browser()
  const callback = await toCallback(person)
  const answers = await Promise.all(Array.from({ length: 20 }, () => person.go(callback)))
  t.equal(tokenRequests(), 1)
  t.equal(answers.filter(({ cookies }) => cookies.length > 0).length, 1)
  for (const answer of answers) t.equal((await onceMore(person, answer)).headers.location, 'http://localhost:3000/')
})

t.test('callback: a repeated one waits for the first, and goes the same way if the browser got its answer', async (t) => {
  const inner = memoryStore()
  let finish = (): void => {}
  const ended = new Promise<void>((resolve) => { finish = resolve })
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => { begin = resolve })
  let hits = 0
  const { browser, tokenRequests } = await createWorld(t, {
    clock: {},
    store: {
      get: inner.get,
      cas: async (key, expected, next) => {
        if (key.startsWith('miro:session')) await ended
        if (key.startsWith('miro:flow') && ++hits === 3) setTimeout(finish)
        const result = await inner.cas(key, expected, next)
        if (hits === 1) begin()
        return result
      }
    }
  })
  const person = browser()
  const callback = await toCallback(person, '/auth/miro/login?returnTo=/boards')
  const impatient = browser()
  for (const [name, value] of person.cookies) impatient.cookies.set(name, value)

  // The third is the same browser too, if its person pressed again: a navigation that is given up takes its answer with
  // it.
  const one = person.go(callback)
  await begun
  const [first, second, third] = await Promise.all([one, person.go(callback), impatient.go(callback)])
  t.equal(first.headers.location, 'http://localhost:3000/boards')
  t.equal((await onceMore(person, second)).headers.location, 'http://localhost:3000/boards')
  const refused = await onceMore(impatient, third)
  t.equal(refused.statusCode, 400, 'wherever it went, it would be signed out')
  t.match(refused.body, 'MIRO_CALLBACK_STATE_USED')
  t.equal(tokenRequests(), 1)
})

t.test('callback: a decline does not spend the flow, so a person who goes back and agrees is signed in', async (t) => {
  const { browser } = await createWorld(t)
  const person = browser()
  const miro = locationOf(await person.go('/auth/miro/login'))
  const declined = await authorize(miro, { decision: 'decline' })
  t.equal((await person.go(declined.pathname + declined.search)).statusCode, 403)
  const callback = await authorize(miro)
  t.equal((await person.go(callback.pathname + callback.search)).statusCode, 303)
})

t.test('cookies: other code\'s cookies that look like flows harm neither login nor logout', async (t) => {
  const { app, emulator } = await createWorld(t)
  const junk = `miro_${emulator.app.clientId}_flow_x y`
  const headers = { host: 'localhost:3000', origin: 'http://localhost:3000' }
  t.equal((await app.inject({ method: 'POST', url: '/auth/miro/logout', headers: { ...headers, cookie: `${junk}=1` } })).statusCode, 204)
  const many = [0, 1, 2, 3, 4, 5].map((index) => `${junk}${index}=1`).join('; ')
  t.equal((await app.inject({ url: '/auth/miro/login', headers: { ...headers, cookie: many } })).statusCode, 303)
})

t.test('flow: five with the longest targets take less than 1 KB', async (t) => {
  const { browser, emulator } = await createWorld(t)
  const person = browser()
  for (let tab = 0; tab < 7; tab++) {
    emulator.clock.advance(1000)
    await person.go(`/auth/miro/login?returnTo=/${'a'.repeat(2000)}`)
  }
  const bytes = Array.from(person.cookies, ([name, value]) => `${name}=${value}`).join('; ').length
  t.equal(person.cookies.size, 5)
  t.ok(bytes < 1024, `${bytes} bytes`)
})

t.test('session: its id is new at every login, and the old one is dead (session fixation)', async (t) => {
  const { browser, app } = await createWorld(t)
  const person = browser()
  await signIn(person)
  const [name = ''] = person.named('session')
  const old = person.cookies.get(name)
  await signIn(person)
  t.not(person.cookies.get(name), old)
  const stale = await app.inject({ url: '/me', headers: { cookie: `${name}=${String(old)}` } })
  t.equal(stale.statusCode, 401)
})

t.test('logout: it ends the session, clears the plugin\'s cookies, and keeps the grant', async (t) => {
  const { browser, app } = await createWorld(t)
  const person = browser()
  await signIn(person)
  const { userId, teamId } = (await person.call('/me')).json()
  const before = new Map(person.cookies)
  const answer = await person.submit('/auth/miro/logout')
  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, '/')
  t.equal(person.cookies.size, 0)
  for (const [name, value] of before) person.cookies.set(name, value)
  t.equal((await person.call('/me')).statusCode, 401, 'the old session id is dead')
  t.ok(await app.miro.client({ userId, teamId }).accessToken())
  t.equal((await app.miro.clientsOf(userId)).length, 1)
})

t.test('disconnect: it ends the grant here and at Miro, and every session of it', async (t) => {
  const { browser, app, emulator } = await createWorld(t)
  const [person, elsewhere] = [browser(), browser()]
  await signIn(person)
  await signIn(elsewhere)
  const { userId, teamId } = (await person.call('/me')).json()
  const { token } = (await person.call('/token')).json()
  t.equal((await person.submit('/auth/miro/disconnect')).statusCode, 303)
  t.equal((await elsewhere.call('/boards')).statusCode, 401)
  await t.rejects(app.miro.client({ userId, teamId }).accessToken(), { code: 'MIRO_NOT_CONNECTED' })
  t.same(await app.miro.clientsOf(userId), [])
  t.equal((await fetch(`${emulator.apiUrl}/v2/boards`, { headers: { authorization: `Bearer ${String(token)}` } })).status, 401)
  t.equal((await person.submit('/auth/miro/disconnect', { accept: 'application/json' })).json().code, 'MIRO_NOT_CONNECTED')
  await signIn(person)
  t.equal((await elsewhere.call('/boards')).statusCode, 401, 'an old session does not come back to life')
  t.equal((await elsewhere.call('/me')).statusCode, 401, 'and does not tell whose grant it was')
})

t.test('session: it ends after the idle time and after its whole time, whatever the cookie says', async (t) => {
  const { browser, emulator } = await createWorld(t, { session: { idleMs: 10 * hour, absoluteMs: 24 * hour } })
  const person = browser()
  await signIn(person)
  for (let passed = 0; passed < 21; passed += 7) {
    emulator.clock.advance(7 * hour)
    t.equal((await person.call('/me')).statusCode, 200, `used every 7 hours, alive after ${passed + 7}`)
  }
  emulator.clock.advance(7 * hour)
  t.equal((await person.call('/me')).statusCode, 401, 'over after a day')
  await signIn(person)
  emulator.clock.advance(11 * hour)
  t.equal((await person.call('/me')).statusCode, 401, 'idle')
})

t.test('hooks: each is awaited, and what it throws changes nothing', async (t) => {
  const seen: string[] = []
  const fail = (name: string) => () => { seen.push(name); throw new Error('hook') }
  const { browser } = await createWorld(t, { hooks: { onConnected: fail('connected'), onDeclined: fail('declined'), onDisconnected: fail('disconnected') } })
  const person = browser()
  t.equal((await signIn(person)).statusCode, 303)
  t.equal((await signIn(person, '/auth/miro/login', { decision: 'decline' })).statusCode, 403)
  t.equal((await person.submit('/auth/miro/disconnect')).statusCode, 303)
  t.same(seen, ['connected', 'declined', 'disconnected'])
})

t.test('hooks: onReauthorize may use its request without a deadlock, and runs once', async (t) => {
  const seen: string[] = []
  const { app, emulator } = await createWorld(t, {
    hooks: {
      onReauthorize: async ({ request, ref }) => {
        seen.push(ref.teamId)
        await Promise.allSettled([
          request.miro.grant(), request.miro.accessToken(), request.miro.for(ref).accessToken()
        ])
      }
    }
  })
  const cookies = await signInAs(app, { userId: '7', teamId: '8', tokens: { accessToken: 'dead', refreshToken: 'dead', expiresInMs: 60_000 } })
  emulator.clock.advance(60_000)
  t.match((await app.inject({ url: '/token', cookies })).json(), { code: 'MIRO_UNAVAILABLE' })
  t.same(seen, [], 'a first unclear refusal may be the app\'s own fault')
  emulator.clock.advance(60_000)
  for (const time of ['when it is refused again', 'and from then on']) {
    t.match((await app.inject({ url: '/token', cookies })).json(), { code: 'MIRO_REAUTHORIZE' }, time)
    t.same(seen, ['8'], time)
  }
})

t.test('hooks: onReauthorize is told once per grant when Miro refuses a grant', async (t) => {
  const seen: unknown[] = []
  const { browser, emulator } = await createWorld(t, {
    hooks: {
      onReauthorize: (
        { ref, reason }
      ) => { seen.push({ ...ref, reason }) }
    }
  })
  const person = browser()
  await signIn(person)
  const ref = (await person.call('/me')).json()
  emulator.clock.advance(61 * 24 * hour / 10)
  emulator.reset()
  t.match((await person.call('/bare')).json(), { code: 'MIRO_UNAVAILABLE' })
  t.same(seen, [], 'not before it is sure')
  emulator.clock.advance(60_000)
  const refused = await person.call('/bare')
  t.equal(refused.statusCode, 401)
  t.equal(refused.json().code, 'MIRO_REAUTHORIZE')
  const page = await person.go('/boards')
  t.equal(page.statusCode, 303, 'a page is sent to login')
  t.equal(locationOf(page).searchParams.get('returnTo'), '/boards')
  t.same(seen, [{ userId: ref.userId, teamId: ref.teamId, reason: 'unclear' }])
})

t.test('exchange: a request that was not sent is sent again, three times in all', async (t) => {
  const waits: number[] = []
  const { browser } = await createWorld(t, {
    endpoints: { apiUrl: 'http://127.0.0.1:2' },
    clock: {
      wait: (ms, signal) => {
        // Longer ones are deadlines, which end with what they watch.
        if (ms > 1000) return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()))
        waits.push(ms)
        return Promise.resolve()
      }
    }
  })
  const answer = await signIn(browser())
  t.equal(answer.statusCode, 503)
  t.match(answer.body, 'MIRO_UNAVAILABLE')
  t.same(waits, [250, 1000])
})

/** Goes where an answer leads, if that is the callback once more. */
async function onceMore (person: Browser, answer: LightMyRequestResponse): Promise<LightMyRequestResponse> {
  const { pathname, search } = locationOf(answer)
  return pathname === new URL(redirectUri).pathname ? person.go(pathname + search) : answer
}
