import type { FastifyRequest, LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import { memoryStore, type FastifyMiroEvent, type FastifyMiroOptions, type GrantRef, type SignedInBrowser, type Store } from '../src/index.js'
import { Cookies } from '../src/http/cookies.js'
import { SessionCookie } from '../src/session/session-cookie.js'
import type { Browser } from './fixtures/browser.js'
import { createWorld, members, signIn, type World } from './fixtures/world.js'

const hour = 3_600_000
const day = 24 * hour
const { adaAtAcme, adaAtHarbour, graceAtAcme } = members

/** A world whose routes do what an account page does, with the plugin's events about sessions. */
interface Sessions extends World {
  events: Array<Record<string, unknown>>
  /** A browser that has signed in. */
  signedIn: (as?: GrantRef) => Promise<Browser>
}

async function createSessions (t: Test, options: Partial<FastifyMiroOptions> = {}): Promise<Sessions> {
  const events: Array<Record<string, unknown>> = []
  const onEvent = (event: FastifyMiroEvent): void => {
    if (/^s(igned|ession)_/.test(event.type)) events.push({ ...event })
  }
  const world = await createWorld(t, { onEvent, ...options })
  const { app } = world
  app.get('/sessions', (request) => request.miro.sessions())
  app.get('/session', async (request) => ({ session: await request.miro.session() }))
  app.post('/end/:id', async (request) => {
    await request.miro.endSession((request.params as { id: string }).id)
    return {}
  })
  app.post('/end-others', async (request) => ({ count: await request.miro.endOtherSessions() }))
  app.post('/select/:userId/:teamId', async (request) => {
    await request.miro.select(request.params as GrantRef)
    return {}
  })
  return {
    ...world,
    events,
    async signedIn (as = adaAtAcme) {
      const person = world.browser()
      await signIn(person, undefined, { as })
      return person
    }
  }
}

const post = (person: Browser, url: string): Promise<LightMyRequestResponse> => person.send({ method: 'POST', url })
const listOf = async (person: Browser): Promise<SignedInBrowser[]> => (await person.call('/sessions')).json()
const statusOf = async (person: Browser): Promise<number> => (await person.call('/me')).statusCode
const whys = (events: Array<Record<string, unknown>>): unknown[] => events.filter(({ type }) => type === 'session_ended').map(({ why }) => why)

/** The same browser as it was: what an attacker has who copied its cookies. */
function copyOf (person: Browser, { browser }: Pick<World, 'browser'>): Browser {
  const copy = browser()
  for (const [name, value] of person.cookies) copy.cookies.set(name, value)
  return copy
}

t.test('sessions: the index lists every browser of a person, newest first, and marks the one that asks', async (t) => {
  const world = await createSessions(t, { session: { label: (request) => request.headers['user-agent'] } })
  const { signedIn, emulator } = world
  const began = emulator.clock.now()
  const first = await signedIn()
  await signedIn(graceAtAcme)
  emulator.clock.advance(hour)
  const second = await signedIn(adaAtHarbour)
  const [newest, oldest, ...others] = await listOf(first)
  t.same(others, [])
  t.match(oldest, { id: /^[\w-]{43}$/, signedInAt: oldest?.lastSeenAt, isCurrent: true, label: 'lightMyRequest' })
  t.equal(newest?.isCurrent, false)
  const ages = [oldest, newest].map((one) => Math.round((Number(one?.signedInAt) - began) / hour))
  t.same(ages, [0, 1], 'in hours after the first sign-in')
  t.same((await listOf(second)).map(({ isCurrent }) => isCurrent), [true, false])
  t.same((await listOf(world.browser())), [])
  const { session } = (await first.call('/session')).json()
  const { id, signedInAt, lastSeenAt, label } = oldest ?? {}
  t.same(session, { id, signedInAt, lastSeenAt, expiresAt: Number(signedInAt) + 7 * day, label })
  t.same((await world.browser().call('/session')).json(), { session: null })
})

t.test('sessions: their ids give no access', async (t) => {
  const world = await createSessions(t)
  const person = await world.signedIn()
  const [{ id } = { id: '' }] = await listOf(person)
  const [name = ''] = person.named('session')
  t.notOk(String(person.cookies.get(name)).includes(id))
  const thief = world.browser()
  thief.cookies.set(name, id)
  t.equal(await statusOf(thief), 401)
})

t.test('endSession: it ends another browser, and refuses an id of another person like one that never was', async (t) => {
  const { signedIn, events, app } = await createSessions(t)
  const [first, second, grace] = [await signedIn(), await signedIn(), await signedIn(graceAtAcme)]
  const [ofGrace] = await listOf(grace)
  const other = (await listOf(first)).find(({ isCurrent }) => !isCurrent)
  const foreign = await post(first, `/end/${ofGrace?.id}`)
  t.equal(foreign.statusCode, 404)
  t.equal(foreign.json().code, 'MIRO_SESSION_UNKNOWN')
  t.same((await post(first, '/end/x')).json(), foreign.json())
  t.equal((await post(first, `/end/${other?.id}`)).statusCode, 200)
  t.equal(await statusOf(second), 401)
  t.equal(await statusOf(first), 200)
  t.equal(await statusOf(grace), 200)
  t.equal((await post(first, `/end/${other?.id}`)).statusCode, 404, 'it has ended')
  t.same((await listOf(first)).length, 1)
  t.match(events.at(-2), { type: 'session_ended', why: 'ended', session: /^[\w-]{16}$/, requestId: /./ })
  t.equal((await app.miro.clientsOf(adaAtAcme.userId)).length, 1, 'the grant stays')
})

t.test('endSession: its own session too, whose cookie goes', async (t) => {
  const { signedIn } = await createSessions(t)
  const person = await signedIn()
  const [own] = await listOf(person)
  const answer = await post(person, `/end/${own?.id}`)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same(person.named('session'), [])
})

t.test('endOtherSessions: it ends every other browser of the person, and no other person\'s', async (t) => {
  const { signedIn, browser } = await createSessions(t)
  const [first, second, third] = [await signedIn(), await signedIn(adaAtHarbour), await signedIn()]
  const grace = await signedIn(graceAtAcme)
  t.same((await post(second, '/end-others')).json(), { count: 2 })
  t.same(await Promise.all([first, second, third, grace].map(statusOf)), [401, 200, 401, 200])
  t.equal((await post(browser(), '/end-others')).json().code, 'MIRO_NOT_CONNECTED')
})

t.test('app.miro.endSessions: it ends those of a grant, or all of a person, and refuses anything else', async (t) => {
  const { app, signedIn, events } = await createSessions(t)
  const [acme, harbour, grace] = [await signedIn(), await signedIn(adaAtHarbour), await signedIn(graceAtAcme)]
  for (const wrong of [{ userId: '1' }, 7, '', null, { userId: 1, teamId: 2 }]) {
    await t.rejects(app.miro.endSessions(wrong as string), { code: 'MIRO_CONFIG' })
  }
  t.equal(await app.miro.endSessions(adaAtHarbour), 1)
  t.same(await Promise.all([acme, harbour, grace].map(statusOf)), [200, 401, 200])
  t.match(events.find(({ type }) => type === 'session_ended'), { why: 'ended', requestId: null })
  t.equal(await app.miro.endSessions(adaAtAcme.userId), 1)
  t.same(await Promise.all([acme, grace].map(statusOf)), [401, 200])
  t.equal(await app.miro.endSessions(adaAtAcme.userId), 0)
  t.equal((await app.miro.clientsOf(adaAtAcme.userId)).length, 2, 'the grants stay')
})

t.test('sessions: with appUserId there are none, and every member says so', async (t) => {
  const { app } = await createSessions(t, { appUserId: () => 'u' })
  for (const [method, url] of [['GET', '/sessions'], ['GET', '/session'], ['POST', '/end/x'], ['POST', '/end-others']] as const) {
    t.equal((await app.inject({ method, url })).json().code, 'MIRO_CONFIG', url)
  }
  await t.rejects(app.miro.endSessions('u'), { code: 'MIRO_CONFIG' })
})

t.test('limit: the oldest session ends when one more begins, and a sign-in in the same browser costs no other', async (t) => {
  const store = memoryStore()
  const { signedIn, events } = await createSessions(t, { clock: {}, store, session: { limit: 3 } })
  const people = [await signedIn(), await signedIn(), await signedIn()]
  for (const person of people) await signIn(person, undefined, { as: adaAtAcme })
  t.same(whys(events), ['replaced', 'replaced', 'replaced'])
  const fourth = await signedIn()
  t.same(await Promise.all([...people, fourth].map(statusOf)), [401, 200, 200, 200])
  t.same(whys(events).slice(3), ['limit'])
  await Promise.all(Array.from({ length: 12 }, () => signedIn()))
  t.equal((await store.scan?.({ prefix: 'miro:session:', expiresBefore: null, limit: 100 }))?.keys.length, 3, 'also at once')
})

t.test('limit: sessions that ended make room, and leave the index at the next sign-in', async (t) => {
  const { signedIn, emulator, events } = await createSessions(t, { session: { limit: 2, idleMs: hour } })
  const first = await signedIn()
  await signedIn()
  for (let passed = 0; passed < 3; passed++) {
    emulator.clock.advance(hour / 2)
    t.equal(await statusOf(first), 200)
  }
  const third = await signedIn()
  t.same(await Promise.all([first, third].map(statusOf)), [200, 200], 'the oldest is in use, and the other one idle')
  t.same(whys(events), [])
})

t.test('sessions: the index lasts as long as the last session in it', async (t) => {
  const { signedIn, emulator } = await createSessions(t, { session: { absoluteMs: 10 * hour, idleMs: 10 * hour } })
  await signedIn()
  emulator.clock.advance(6 * hour)
  const second = await signedIn()
  emulator.clock.advance(6 * hour)
  t.same((await listOf(second)).map(({ isCurrent }) => isCurrent), [true])
})

t.test('label: at most 100 characters, and none where its function throws', async (t) => {
  const labels: Array<() => string | Promise<string>> = [() => `${'x'.repeat(99)}😀😀`, () => { throw new Error('label') }, async () => 'later', () => '', () => 7 as unknown as string]
  const { signedIn } = await createSessions(t, { session: { label: () => labels.shift()?.() } })
  const seen = []
  while (labels.length > 0) seen.push((await (await signedIn()).call('/session')).json().session.label)
  t.same(seen, [`${'x'.repeat(99)}😀`, null, 'later', null, null])
})

t.test('limits: they count from the session\'s own record, whatever the store does with its expiry', async (t) => {
  const inner = memoryStore({ clock: { now: () => 0 } })
  let isReadOnly = false
  const store: Store = {
    get: inner.get,
    cas: async (key, expected, next) => {
      if (isReadOnly) throw new Error('read-only')
      return inner.cas(key, expected, next === null ? null : { ...next, expiresAt: null })
    }
  }
  const session = { idleMs: 10 * hour, absoluteMs: 24 * hour }
  const { signedIn, emulator, events } = await createSessions(t, { store, session })
  const used = await signedIn()
  emulator.clock.advance(9 * hour)
  t.equal(await statusOf(used), 200)
  emulator.clock.advance(9 * hour)
  t.equal(await statusOf(used), 200, 'its last use counts')
  isReadOnly = true
  emulator.clock.advance(5 * hour)
  t.equal(await statusOf(used), 200)
  emulator.clock.advance(2 * hour)
  t.equal(await statusOf(used), 401, 'over after a day, though the store takes no write')
  isReadOnly = false
  t.equal(await statusOf(used), 401)
  t.equal(await statusOf(used), 401)
  t.same(whys(events), ['expired'], 'told once, when it could be written')
  t.equal(events.at(-1)?.['type'], 'session_unknown')

  const idle = await signedIn()
  isReadOnly = true
  emulator.clock.advance(9 * hour)
  t.equal(await statusOf(idle), 200)
  emulator.clock.advance(2 * hour)
  t.equal(await statusOf(idle), 401, 'a use that could not be written extends nothing')
})

t.test('session: its use is noted once a tenth of idleMs has passed, so that a read costs no write', async (t) => {
  const { signedIn, emulator } = await createSessions(t, { session: { idleMs: 10 * hour } })
  const person = await signedIn()
  const seen = async (): Promise<number> => Number((await listOf(person))[0]?.lastSeenAt)
  const first = await seen()
  emulator.clock.advance(hour - 60_000)
  await listOf(person)
  t.equal(await seen(), first)
  emulator.clock.advance(60_000)
  await listOf(person)
  t.ok(await seen() >= first + hour)
})

t.test('limits: lowered ones hold at once, and raised ones bring no session back', async (t) => {
  const store = memoryStore({ clock: { now: () => 0 } })
  const old = await createSessions(t, { store, session: { absoluteMs: 30 * day } })
  const seeds = { store, clientId: old.emulator.app.clientId, clock: old.emulator.clock }
  const lowered = await createSessions(t, { ...seeds, session: { absoluteMs: hour } })
  const raised = await createSessions(t, { ...seeds, session: { absoluteMs: 300 * day, idleMs: 300 * day } })
  const person = await old.signedIn()
  const elsewhere = (world: World): Promise<number> => statusOf(copyOf(person, world))
  t.same([await elsewhere(lowered), await elsewhere(raised)], [200, 200])
  old.emulator.clock.advance(2 * hour)
  t.equal(await elsewhere(lowered), 401)
  t.same([await elsewhere(old), await elsewhere(raised)], [401, 401], 'its record is gone')
  const unused = await old.signedIn()
  old.emulator.clock.advance(2 * hour)
  const beside = lowered.browser()
  await signIn(beside, undefined, { as: adaAtAcme })
  t.equal(await statusOf(copyOf(unused, old)), 401, 'nor does one that a sign-in found over, and took out of the index')
  const later = await old.signedIn()
  old.emulator.clock.advance(31 * day)
  t.equal(await statusOf(copyOf(later, raised)), 401, 'nor does it outlive its place in the index')
})

t.test('cookie: with persistent: false it ends with the browser', async (t) => {
  for (const [session, maxAge] of [[{ persistent: false }, undefined], [{}, 30 * day / 1000]] as const) {
    const { browser } = await createSessions(t, { session })
    const answer = await signIn(browser())
    const cookie = answer.cookies.find(({ name }) => name.endsWith('_session'))
    t.equal(cookie?.maxAge, maxAge)
    t.equal(answer.headers['cache-control'], 'no-store')
  }
})

t.test('cookie: a dead one is taken away by the navigation that found it dead, and not by a script', async (t) => {
  const world = await createSessions(t)
  const { signedIn, app, events } = world
  world.app.get('/cached', async (request, reply) => {
    await request.miro.grant()
    return reply.header('cache-control', 'public, max-age=300').send('x')
  })
  const person = await signedIn()
  t.match((await person.go('/cached')).headers, { 'cache-control': 'public, max-age=300' })
  await app.miro.endSessions(adaAtAcme.userId)
  t.same((await person.call('/cached')).cookies, [])
  t.equal(person.named('session').length, 1)
  t.match(events.at(-1), { type: 'session_unknown', session: events[0]?.['session'], requestId: /./ })
  const answer = await person.go('/cached')
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same(person.named('session'), [])
  t.same((await person.go('/cached')).cookies, [])
})

t.test('cookie: a hook that finds the old session dead does not take the cookie of the new one', async (t) => {
  const hooks = { onConnected: ({ request }: { request: FastifyRequest }) => request.miro.grant() }
  const { signedIn, app, browser } = await createSessions(t, { hooks })
  const person = await signedIn()
  await app.miro.endSessions(adaAtAcme.userId)
  await signIn(person)
  t.equal(await statusOf(person), 200)
  t.equal(await statusOf(browser()), 401)
})

t.test('logout: it tells the browser to clear its cache, and is an event of its own', async (t) => {
  const { signedIn, events } = await createSessions(t)
  const person = await signedIn()
  const answer = await person.submit('/auth/miro/logout')
  t.equal(answer.headers['clear-site-data'], '"cache"')
  t.equal(answer.headers['cache-control'], 'no-store')
  const [begun, ended, ...others] = events
  t.match(begun, { type: 'signed_in', session: /^[\w-]{16}$/, grant: /^[\w-]{16}$/, requestId: /./ })
  t.match(ended, { type: 'signed_out', session: begun?.['session'], requestId: /./ })
  t.same(others, [])
})

t.test('signed_in: it names the grant as core does', async (t) => {
  const { signedIn, events, app } = await createSessions(t)
  await signedIn()
  t.equal(events[0]?.['grant'], app.miro.auth.fingerprint(adaAtAcme))
})

t.test('select: the session gets a new id, keeps its name and its age, and the old id is dead at once', async (t) => {
  const world = await createSessions(t)
  const { signedIn, emulator, events } = world
  await signedIn(adaAtHarbour)
  const person = await signedIn()
  const { session: before } = (await person.call('/session')).json()
  const thief = copyOf(person, world)
  emulator.clock.advance(hour)
  const answer = await post(person, `/select/${adaAtHarbour.userId}/${adaAtHarbour.teamId}`)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.equal(await statusOf(thief), 401)
  const { session: after } = (await person.call('/session')).json()
  t.match(after, { id: before.id, signedInAt: before.signedInAt })
  const listed = await listOf(person)
  t.same(listed.map(({ id, isCurrent }) => [id === before.id, isCurrent]), [[true, true], [false, false]])
  const first = events.filter(({ type }) => type === 'signed_in')[1]
  await person.submit('/auth/miro/logout')
  t.match(events.at(-1), { type: 'signed_out', session: first?.['session'] })
})

t.test('select: a session that is ended at the same moment does not go on under its new id', async (t) => {
  const inner = memoryStore()
  let meanwhile: () => unknown = () => {}
  const at = { index: 0 }
  let casCount = 0
  const store: Store = {
    get: inner.get,
    cas: async (key, expected, next) => {
      if (key.startsWith('miro:session') && casCount++ === at.index) await meanwhile()
      return inner.cas(key, expected, next)
    }
  }
  const { signedIn, app } = await createSessions(t, { clock: {}, store })
  for (at.index = 0; at.index < 5; at.index++) {
    meanwhile = () => {}
    await signedIn(adaAtHarbour)
    const person = await signedIn()
    casCount = 0
    meanwhile = () => app.miro.endSessions(adaAtAcme.userId)
    await post(person, `/select/${adaAtHarbour.userId}/${adaAtHarbour.teamId}`)
    if (casCount > at.index) t.equal(await statusOf(person), 401, `before write ${at.index}`)
    meanwhile = () => {}
    await app.miro.endSessions(adaAtAcme.userId)
    const left = await inner.scan?.({ prefix: 'miro:session:', expiresBefore: null, limit: 100 })
    t.same(left?.keys, [], 'no record is left that is not in the index')
  }
})

t.test('sign-in: where the index cannot be written no session is left behind', async (t) => {
  const inner = memoryStore()
  let isBroken = true
  const store: Store = {
    get: inner.get,
    cas: async (key, expected, next) => {
      if (isBroken && key.startsWith('miro:sessions:')) throw new Error('down')
      return inner.cas(key, expected, next)
    }
  }
  const { browser, signedIn } = await createSessions(t, { clock: {}, store })
  const answer = await signIn(browser())
  t.equal(answer.statusCode, 503)
  t.notOk(answer.cookies.some(({ name, value }) => name.endsWith('_session') && value !== ''))
  t.same((await inner.scan?.({ prefix: 'miro:session:', expiresBefore: null, limit: 100 }))?.keys, [])
  isBroken = false
  t.equal(await statusOf(await signedIn()), 200)
})

t.test('sign-in: where the grant cannot be linked no session is left behind, and none of the person\'s ends for it', async (t) => {
  const inner = memoryStore()
  let isBroken = false
  const store: Store = {
    get: inner.get,
    cas: async (key, expected, next) => {
      if (isBroken && key.startsWith('miro:link:')) throw new Error('down')
      // The link fails while the session is still being written.
      if (isBroken && key.startsWith('miro:session:')) await new Promise((resolve) => setTimeout(resolve, 20))
      return inner.cas(key, expected, next)
    }
  }
  const { browser, signedIn, events } = await createSessions(t, { clock: {}, store, session: { limit: 1 } })
  const person = await signedIn()
  isBroken = true
  t.equal((await signIn(browser(), undefined, { as: adaAtAcme })).statusCode, 503)
  t.equal((await inner.scan?.({ prefix: 'miro:session:', expiresBefore: null, limit: 100 }))?.keys.length, 1)
  t.equal(await statusOf(person), 200)
  t.strictSame(events.map(({ type }) => type), ['signed_in'])
})

t.test('disconnect: it ends the sessions of the grant in every browser, and those of another team stay', async (t) => {
  const { signedIn, events } = await createSessions(t)
  const [here, there, harbour] = [await signedIn(), await signedIn(), await signedIn(adaAtHarbour)]
  const { userId, teamId } = adaAtAcme
  t.equal((await here.submit(`/auth/miro/disconnect?user_id=${userId}&team_id=${teamId}`)).statusCode, 303)
  t.same(here.named('session'), [])
  t.same(await Promise.all([there, harbour].map(statusOf)), [401, 200])
  t.same((await listOf(harbour)).length, 1)
  t.same(whys(events), ['disconnected', 'disconnected'])
})

t.test('disconnect: a session whose grant the app ended is not listed, and ends when its browser comes', async (t) => {
  const { signedIn, events, app } = await createSessions(t)
  const [acme, harbour] = [await signedIn(), await signedIn(adaAtHarbour)]
  await app.miro.auth.disconnect(adaAtAcme)
  t.equal((await listOf(harbour)).length, 1)
  await acme.go('/boards')
  t.same(acme.named('session'), [])
  t.same(whys(events), ['disconnected'])
})

t.test('sessions: an index that cannot be read keeps no person out, and forget ends the grant all the same', async (t) => {
  const store = memoryStore()
  const { app, browser } = await createWorld(t, { store })
  const person = browser()
  await signIn(person, undefined, { as: members.adaAtAcme })
  const { keys: [key = ''] = [] } = await store.scan?.({ prefix: 'miro:sessions:', expiresBefore: null, limit: 10 }) ?? {}
  async function spoil (): Promise<void> {
    const found = await store.get(key)
    await store.cas(key, found?.version ?? null, { body: '{"format":2}', expiresAt: null })
  }
  await spoil()
  await t.rejects(app.miro.auth.forget(members.adaAtAcme.userId), { code: 'MIRO_RECORD' })
  t.equal((await app.miro.auth.snapshot(members.adaAtAcme)).grant, null, 'it says so, and has ended the grant')
  const again = browser()
  t.equal((await signIn(again, undefined, { as: members.adaAtAcme })).statusCode, 303)
  t.equal((await again.call('/me')).statusCode, 200)
  await spoil()
  t.equal((await again.submit('/auth/miro/disconnect')).statusCode, 303, 'nor does it hold up a disconnect')
})

t.test('session: a sign-in that fails leaves the person signed in as before', async (t) => {
  const inner = memoryStore()
  let isFailing = false
  const store: Store = {
    ...inner,
    cas: async (key, ...rest) => {
      if (isFailing && key.startsWith('miro:sessions:')) throw new Error('planted')
      return inner.cas(key, ...rest)
    }
  }
  const { browser } = await createWorld(t, { store })
  const person = browser()
  await signIn(person, undefined, { as: members.adaAtAcme })
  isFailing = true
  t.equal((await signIn(person, undefined, { as: members.adaAtAcme })).statusCode, 503)
  t.equal((await person.call('/me')).statusCode, 200)
})

t.test('session cookie: a header is parsed once, unless it names no session or is longer than 4 KB', async (t) => {
  const cookies = new Cookies({ origin: 'http://localhost:3000', decorator: 'miro', clientId: '345' })
  const read = cookies.read.bind(cookies)
  let parsings = 0
  cookies.read = (request) => {
    parsings++
    return read(request)
  }
  const cookie = new SessionCookie(cookies, { absoluteMs: 1000, persistent: true })
  const ids = ['a', 'b'].map((letter) => letter.repeat(43))
  const foundIn = (header: string): unknown => cookie.read({ headers: { cookie: header } } as FastifyRequest)
  const headers: Record<string, number> = {
    'miro_345_session=short': 3,
    [`miro_345_session=${ids[0]}; other=${'x'.repeat(4096)}`]: 3,
    [`miro_345_session=${ids[0]}`]: 1,
    [`miro_345_session=${ids[1]}`]: 1
  }
  for (const [header, times] of Object.entries(headers)) {
    parsings = 0
    const found = [1, 2, 3].map(() => foundIn(header))
    t.equal(parsings, times)
    const sessionId = ids.find((id) => header.includes(id))
    const expected = sessionId === undefined ? null : { sessionId, grantHint: null }
    t.strictSame(found, [expected, expected, expected])
  }
})
