import { randomBytes } from 'node:crypto'
import { createTokenModel, countedTokenValues } from '@miro-oauth/emulator/model'
import t, { type Test } from 'tap'
import { createMiroAuth, encryptedStore, memoryStore, type MiroAuth, type RefreshDueOptions, type RefreshDueResult } from '../src/index.js'
import { grantKey } from '../src/grant/grant.js'
import { createFakeClock } from '../src/testing/index.js'
import { codeOf, createWorld, envelope, gate, json, ref, type World } from './fixtures/fake-miro.js'

const hour = 3_600_000
const day = 24 * hour
const clientId = '3458764500000000001'
/** Past the moment of every grant, which varies by a ninth around 45 days. */
const allAreDue = 51 * day

type Due = World & { auth: MiroAuth }

function refOf (index: number): { userId: string, teamId: string } {
  return { ...ref, userId: String(10_000 + index) }
}

/** A world with so many grants, all connected at one moment and due since. */
async function dueGrants (count: number): Promise<Due> {
  const world = createWorld()
  const auth = world.process()
  for (let index = 0; index < count; index++) await auth.connect(world.miro.issue(refOf(index).userId))
  world.clock.jump(allAreDue)
  return { ...world, auth }
}

/** Calls refreshDue until there is no cursor, and sums the results up. */
async function runToTheEnd (auth: MiroAuth, options: RefreshDueOptions = {}): Promise<RefreshDueResult> {
  const total = { refreshed: 0, failed: 0, skipped: 0, revoked: 0, revocationsPending: 0 }
  for (let next = options; ;) {
    const page = await auth.refreshDue(next)
    for (const name of ['refreshed', 'failed', 'skipped', 'revoked', 'revocationsPending'] as const) total[name] += page[name]
    if (page.stopped || page.cursor === undefined) return { ...total, stopped: page.stopped }
    next = { ...options, cursor: page.cursor }
  }
}

/** Asserts that every grant gives a token that is alive at Miro. */
async function assertAllAlive (t: Test, { miro, auth }: Due, count: number): Promise<void> {
  const tokens = await Promise.all(Array.from({ length: count }, (_, index) => auth.accessToken(refOf(index))))
  t.ok(tokens.every((token) => miro.isLive(token)), 'every grant is alive')
}

function tokensSent ({ miro }: Due): string[] {
  return miro.refreshes().map(({ form }) => form.get('refresh_token') ?? '')
}

/** Brings the expiry of an entry so near that a run looks at it. */
async function bringExpiryNear (store: World['store'], grant: { userId: string, teamId: string }): Promise<void> {
  const key = grantKey(clientId, grant)
  const found = await store.get(key)
  if (found !== null) {
    await store.cas(key, found.version, {
      body: found.body,
      expiresAt: (found.expiresAt ?? 0) - 80 * day
    })
  }
}

function notReached (): never {
  throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })
}

interface StoreCalls { reads: number, writes: number }

/** The processes of a world on a store that takes a turn of the event loop for each call, and counts them. */
function onCountedStore ({ store, process }: Due): { process: () => MiroAuth, calls: StoreCalls } {
  const calls = { reads: 0, writes: 0 }
  const counted = <T>(kind: keyof StoreCalls, work: Promise<T>): Promise<T> => {
    calls[kind]++
    return work.finally(() => new Promise((resolve) => setImmediate(resolve)))
  }
  const slow: World['store'] = {
    get: (key) => counted('reads', store.get(key)),
    cas: (key, expected, next) => counted('writes', store.cas(key, expected, next)),
    scan: async (query) => counted('reads', Promise.resolve(store.scan?.(query) ?? { keys: [] }))
  }
  return { process: () => process({ store: slow }), calls }
}

t.test('refreshDue: four processes refresh each of a thousand idle grants exactly once, and share the pages', async (t) => {
  const world = await dueGrants(1000)
  const { miro } = world
  const { process, calls } = onCountedStore(world)
  let [now, most] = [0, 0]
  miro.answer = async (request) => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setImmediate(resolve))
    now--
    return miro.obey(request)
  }
  const totals = await Promise.all([1, 2, 3, 4].map(() => runToTheEnd(process(), { limit: 50 })))
  t.equal(miro.refreshes().length, 1000)
  t.equal(new Set(tokensSent(world)).size, 1000)
  t.equal(totals.reduce((sum, { refreshed }) => sum + refreshed, 0), 1000, 'each is counted in the process that refreshed it')
  t.ok(totals.every(({ refreshed, failed, stopped }) => refreshed > 100 && failed === 0 && !stopped))
  t.ok(most > 8 && most <= 32, `a few at a time for each process, ${most} in all`)
  t.ok(calls.reads <= 1.2 * 1000, `at most 1.2 reads a grant: ${calls.reads}`)
  t.ok(calls.writes <= 2.1 * 1000, `at most 2.1 writes a grant: ${calls.writes}`)
  await assertAllAlive(t, world, 1000)
  t.equal(miro.refreshes().length, 1000, 'the new pairs are those in the store')
})

t.test('refreshDue: processes that look at one page at once meet at few of its grants', async (t) => {
  const world = await dueGrants(100)
  const { process, calls } = onCountedStore(world)
  await Promise.all([1, 2, 3, 4].map(() => runToTheEnd(process())))
  t.equal(world.miro.refreshes().length, 100)
  t.ok(calls.writes < 300, `${calls.writes} writes`)
})

const walkKey = `miro:walk:${clientId}:${45 * day}:Infinity`

t.test('refreshDue: what a process that died left of its page is refreshed by the others in the same run', async (t) => {
  const world = await dueGrants(60)
  const { miro, clock, process, auth } = world
  miro.answer = () => new Promise<never>(() => {})
  process({ clock: createFakeClock(clock.now()) }).refreshDue({ limit: 20 }).catch(() => {})
  await clock.advance(0)
  miro.answer = () => undefined
  t.match(await runToTheEnd(auth, { limit: 20 }), { refreshed: 52, skipped: 8, failed: 0 }, 'all but those under its leases')
  t.equal(await world.store.get(walkKey), null, 'a walk that is over leaves no record')
})

t.test('refreshDue: a page whose run is stopped is taken again, by this process or another', async (t) => {
  for (const isGoneOnWith of [true, false]) {
    const world = await dueGrants(60)
    const { miro, process, auth } = world
    const { cursor } = await auth.refreshDue({ limit: 20 })
    const leaving = new AbortController()
    miro.answer = () => { leaving.abort(); return undefined }
    t.match(await auth.refreshDue({ limit: 20, cursor, signal: leaving.signal }), { stopped: true, cursor })
    miro.answer = () => undefined
    const left = 60 - miro.refreshes().length
    t.ok(left > 20 && left < 40)
    const run = isGoneOnWith ? runToTheEnd(auth, { limit: 20, cursor }) : runToTheEnd(process(), { limit: 20 })
    t.match(await run, { refreshed: left, skipped: 0 })
  }
})

t.test('refreshDue: processes that look for other grants have walks of their own', async (t) => {
  const world = await dueGrants(60)
  const { auth, process, clock } = world
  await auth.refreshDue({ limit: 20 })
  const other = await process().refreshDue({ limit: 60, unusedForMs: day })
  t.match(other, { refreshed: 0, skipped: 40 }, 'from the start, and not from where the first one is')
  t.equal((await world.store.get(walkKey))?.expiresAt, clock.now() + hour, 'a record that is left behind goes')
})

for (const [name, body] of Object.entries({
  'is lost': null,
  'is of another format': '{"format":2}',
  'is no JSON': 'walk',
  'is of another walk': '{"format":1,"id":"a","next":null,"isShared":true}'
})) {
  t.test(`refreshDue: where the record of a walk ${name}, a run goes through all grants by itself`, async (t) => {
    const { auth, store } = await dueGrants(60)
    const { cursor } = await auth.refreshDue({ limit: 20 })
    const found = await store.get(walkKey)
    await store.cas(walkKey, found?.version ?? null, body === null ? null : { body, expiresAt: null })
    t.match(await runToTheEnd(auth, { limit: 20, cursor }), { refreshed: 40, skipped: 0 })
    t.equal((await store.get(walkKey))?.body ?? null, body, 'and leaves the record as it is')
    t.match(await runToTheEnd(auth, { limit: 20 }), { refreshed: 0, stopped: false }, 'a later run too')
  })
}

t.test('refreshDue: where the record of a walk is under an unknown key, a run goes through all grants by itself', async (t) => {
  const { process, store } = await dueGrants(60)
  const keys = (name: string): string => `${name}:${randomBytes(32).toString('base64url')}`
  const [one, two] = ['one', 'two'].map((name) => encryptedStore(store, { keys: keys(name), dangerouslyReadPlain: true }))
  t.match(await process({ store: one ?? store }).refreshDue({ limit: 20 }), { refreshed: 20 })
  t.match(await runToTheEnd(process({ store: two ?? store }), { limit: 20 }), { refreshed: 40, skipped: 0 })
})

t.test('refreshDue: a page is looked at although the reply to the write that took it was lost', async (t) => {
  const { process, store } = await dueGrants(60)
  const lossy: World['store'] = {
    ...store,
    async cas (key, ...rest) {
      const result = await store.cas(key, ...rest)
      if (key === walkKey) throw new Error('The reply was lost.')
      return result
    }
  }
  t.match(await runToTheEnd(process({ store: lossy }), { limit: 20 }), { refreshed: 60, skipped: 0 })
})

t.test('refreshDue: where the cursor of a walk has become invalid, one run fails, and the next begins anew', async (t) => {
  const { auth, process, store } = await dueGrants(60)
  await auth.refreshDue({ limit: 20 })
  const found = await store.get(walkKey)
  const body = (found?.body ?? '').replace(/"next":"[^"]*"/, '"next":"index 5 miro:grant:a"')
  await store.cas(walkKey, found?.version ?? null, { body, expiresAt: null })
  t.equal(await codeOf(process().refreshDue({ limit: 20 })), 'MIRO_STORE')
  t.match(await runToTheEnd(process(), { limit: 20 }), { refreshed: 40 })
})

t.test('refreshDue: as many refreshes run at a time as concurrency says, and no more begin once Miro asks to wait', async (t) => {
  for (const [concurrency, atOnce] of [[undefined, 8], [1, 1], [40, 40]] as const) {
    const { miro, auth } = await dueGrants(60)
    let [now, most] = [0, 0]
    miro.answer = async (request) => {
      const isOver = miro.refreshes().length > 50
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
      return isOver ? json(429, {}) : miro.obey(request)
    }
    const result = await auth.refreshDue(concurrency === undefined ? {} : { concurrency })
    t.equal(most, atOnce)
    t.match(result, { refreshed: 50, stopped: true })
    t.ok(miro.refreshes().length <= 50 + atOnce, `${miro.refreshes().length} requests`)
  }
})

t.test('refreshDue: 400 daily runs refresh every grant after 40 to 51 days, and few of them on one day', async (t) => {
  const count = 150
  const clock = createFakeClock()
  const model = createTokenModel({}, { values: countedTokenValues() })
  const issuedAt = new Map<string, number>()
  const gaps: number[] = []
  let today = 0
  const answer = (pair: { userId: string, accessToken: string, refreshToken: string | null }): string => {
    issuedAt.set(pair.userId, clock.now())
    return JSON.stringify({
      access_token: pair.accessToken,
      refresh_token: pair.refreshToken,
      expires_in: 3599,
      user_id: pair.userId,
      team_id: ref.teamId
    })
  }
  const store = memoryStore({ clock })
  const [one, two] = [1, 2].map(() => createMiroAuth({
    clientId,
    clientSecret: 'planted-client-secret',
    store,
    clock,
    fetch: async (_url, init) => {
      const token = init.body instanceof URLSearchParams ? init.body.get('refresh_token') ?? '' : ''
      const pair = model.refresh(token, { clientId, now: clock.now() })
      if (pair === undefined) return json(400, { error: 'invalid_grant' })
      gaps.push(clock.now() - (issuedAt.get(pair.userId) ?? 0))
      today++
      return new Response(answer(pair))
    }
  }))
  if (one === undefined || two === undefined) return
  for (let index = 0; index < count; index++) {
    await one.connect(answer(model.exchange({
      clientId,
      ...refOf(index),
      scopes: []
    }, { now: clock.now(), expiring: true })))
  }
  const perDay: number[] = []
  for (let days = 0; days < 400; days++) {
    clock.jump(day)
    today = 0
    const { failed, stopped } = await runToTheEnd(days % 2 === 0 ? one : two)
    if (failed > 0 || stopped) t.fail(`day ${days}: ${failed} failed`)
    perDay.push(today)
  }
  t.ok(Math.min(...gaps) >= 40 * day, 'none sooner')
  t.ok(Math.max(...gaps) <= 51 * day, 'none later')
  t.equal(model.countLive(clock.now()), count, 'no grant is lost')
  t.ok(Math.max(...perDay) < 2 * count / 10, `at most ${Math.max(...perDay)} on one day, though all connected together`)
  t.ok(Math.max(...perDay.slice(200)) < count / 10, 'fewer on one day later')
})

t.test('refreshDue: a run after days without one refreshes the grants that are late', async (t) => {
  const world = await dueGrants(20)
  world.clock.jump(8 * day)
  t.match(await runToTheEnd(world.auth), { refreshed: 20, failed: 0 })
  await assertAllAlive(t, world, 20)
})

t.test('refreshDue: grants that are in use, ended, resting or leased are skipped', async (t) => {
  const world = createWorld()
  const { miro, clock, process, store, events } = world
  const [auth, other] = [process(), process()]
  const connect = (index: number, extra = {}): Promise<unknown> => auth.connect(miro.issue(refOf(index).userId, extra))
  const names = ['disconnected', 'rejected', 'refused unclearly', 'backing off', 'leased', 'without refresh token', 'used today']
  for (const [index, name] of names.entries()) await connect(index, name === 'without refresh token' ? { refresh_token: undefined } : {})
  clock.jump(39 * day)
  t.same(await auth.refreshDue(), { refreshed: 0, failed: 0, skipped: 0, revoked: 0, revocationsPending: 0, stopped: false }, 'before its moment a grant is not even read')
  clock.jump(12 * day)
  const slow = gate()
  await auth.disconnect(refOf(0))
  for (const [index, response] of [[1, json(400, { error: 'invalid_grant' })], [2, envelope(401, 'oauthError')], [3, json(429, {}, { 'retry-after': '600' })]] as const) {
    miro.answer = () => response
    await codeOf(auth.accessToken(refOf(index)))
  }
  miro.answer = async () => { await slow.promise; return undefined }
  const leased = other.accessToken(refOf(4))
  await clock.advance(10)
  miro.answer = () => undefined
  await auth.accessToken(refOf(6))
  await bringExpiryNear(store, refOf(1))
  const sent = miro.requests.length
  const before = await Promise.all(names.map((_, index) => store.get(grantKey(clientId, refOf(index)))))
  const skipped = names.length - 1
  const none = { refreshed: 0, failed: 0, revoked: 0, revocationsPending: 0, stopped: false }
  t.same(await auth.refreshDue(), { ...none, skipped })
  t.equal(miro.requests.length, sent)
  const after = await Promise.all(names.map((_, index) => store.get(grantKey(clientId, refOf(index)))))
  t.same(after.map((found) => found?.version), before.map((found) => found?.version), 'no record was written')
  slow.open()
  await clock.advance(10)
  await leased
  t.equal(events.filter(({ type }) => type === 'refreshed').length, 2)
})

t.test('refreshDue: the lease of a process that died is taken over', async (t) => {
  const world = await dueGrants(3)
  const { miro, clock, process, auth, events } = world
  miro.answer = () => new Promise<never>(() => {})
  process({ clock: createFakeClock(clock.now()) }).refreshDue().catch(() => {})
  await clock.advance(0)
  miro.answer = () => undefined
  clock.jump(121_000)
  const run = auth.refreshDue()
  await clock.advance(2900)
  t.equal(miro.refreshes().length, 3, 'not after the first read')
  await clock.advance(200)
  t.match(await run, { refreshed: 3 })
  t.equal(events.filter(({ type }) => type === 'lease_taken_over').length, 3)
  await assertAllAlive(t, world, 3)
})

t.test('refreshDue: a lease is not taken over for one wrong reading of its age', async (t) => {
  const world = await dueGrants(1)
  const { miro, clock, process, store } = world
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const first = process().refreshDue()
  await clock.advance(10)
  let wrongMs = 3_600_000
  const second = process({
    store: {
      ...store,
      get: async (key) => {
        const found = await store.get(key)
        const ageMs = (found?.ageMs ?? 0) + wrongMs
        wrongMs = 0
        return found === null ? null : { ...found, ageMs }
      }
    }
  }).refreshDue()
  await clock.advance(4000)
  slow.open()
  t.match(await second, { refreshed: 0, skipped: 1 })
  t.match(await first, { refreshed: 1 })
  t.equal(miro.refreshes().length, 1)
})

t.test('refreshDue: a lease that its owner gives up between the two reads is not taken over', async (t) => {
  const world = await dueGrants(1)
  const { miro, clock, process, auth } = world
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const owner = process({ refresh: { requestMs: 3_000_000, leaseMs: 3_600_000 } })
  const first = owner.refreshDue()
  await clock.advance(0)
  clock.jump(121_000)
  const second = auth.refreshDue()
  await clock.advance(1000)
  slow.open()
  await clock.advance(3000)
  t.match(await first, { refreshed: 1 })
  t.match(await second, { refreshed: 0, skipped: 1 })
  t.equal(miro.refreshes().length, 1)
})

t.test('refreshDue: grants that fail hold up no other grant, on their page or behind it', async (t) => {
  const world = await dueGrants(40)
  const { miro, clock, store, auth } = world
  const broken = grantKey(clientId, refOf(0))
  const found = await store.get(broken)
  await store.cas(broken, found?.version ?? null, { body: '{"format":2}', expiresAt: found?.expiresAt ?? null })
  for (const key of [`miro:grant:${clientId}:%`, `miro:grant:${clientId}:1`, `miro:grant:${clientId}:%31:1`, `miro:grant:${clientId}:1:2:3`]) {
    await store.cas(key, null, { body: '{}', expiresAt: clock.now() + day })
  }
  const tokens = [1, 2].map((index) => `refresh-${index + 1}`)
  miro.answer = ({ form }) => {
    const index = tokens.indexOf(form.get('refresh_token') ?? '')
    return [json(500, {}), json(400, { error: 'invalid_grant' })][index]
  }
  const run = runToTheEnd(auth, { limit: 5 })
  await clock.advance(60_000)
  t.match(await run, { refreshed: 37, failed: 7, skipped: 0, stopped: false })
  t.equal((await store.get(broken))?.body, '{"format":2}', 'a record that cannot be read is left as it is')
  t.equal(await codeOf(auth.accessToken(refOf(2))), 'MIRO_REAUTHORIZE')
  miro.answer = () => undefined
  await clock.advance(hour)
  t.match(await runToTheEnd(auth), { refreshed: 1, failed: 5 }, 'a later run tries the kept grants again')
})

for (const [name, answer] of Object.entries({
  'is not reached': notReached,
  'asks to wait': () => json(429, {}),
  'refuses the secret': () => json(401, { error: 'invalid_client' }),
  'refuses all grants unclearly': () => envelope(401, 'oauthError')
})) {
  t.test(`refreshDue: while Miro ${name}, a run stops early, and goes on later from its cursor`, async (t) => {
    const world = await dueGrants(60)
    const { miro, clock, auth } = world
    const first = await auth.refreshDue({ limit: 20 })
    miro.answer = async () => { await undefined; return answer() }
    const cursor = first.cursor ?? ''
    const stopped = await auth.refreshDue({ limit: 20, cursor })
    t.match(stopped, { refreshed: 0, stopped: true, cursor })
    t.ok(miro.refreshes().length <= 20 + 8, `${miro.refreshes().length - 20} requests`)
    t.match(await auth.refreshDue(), { refreshed: 0, stopped: true }, 'from the start too')
    t.ok(miro.refreshes().length <= 20 + 16)
    miro.answer = () => undefined
    clock.jump(2 * hour)
    t.match(await runToTheEnd(auth, { limit: 20, cursor }), { refreshed: 40, failed: 0, stopped: false })
    await assertAllAlive(t, world, 60)
  })
}

t.test('refreshDue: a run whose signal aborts waits for the requests it sent, and begins no others', async (t) => {
  const world = await dueGrants(60)
  const { miro, clock, auth } = world
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const leaving = new AbortController()
  const run = auth.refreshDue({ signal: leaving.signal })
  await clock.advance(10)
  leaving.abort()
  slow.open()
  t.match(await run, { refreshed: 8, failed: 0, skipped: 0, stopped: true })
  t.equal(miro.refreshes().length, 8)
  const aborted = await auth.refreshDue({ signal: AbortSignal.abort(), cursor: 'there' })
  t.match(aborted, { refreshed: 0, failed: 0, skipped: 0, stopped: true, cursor: 'there' })
  t.match(await runToTheEnd(auth), { refreshed: 52, stopped: false })
  await assertAllAlive(t, world, 60)
})

t.test('refreshDue: close waits for the requests of a run, which then begins no others', async (t) => {
  const world = await dueGrants(60)
  const { miro, clock, process, auth } = world
  const leaving = process()
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const run = leaving.refreshDue()
  await clock.advance(10)
  let closed = false
  const closing = leaving.close().then(() => { closed = true })
  await clock.advance(1000)
  t.notOk(closed)
  slow.open()
  await closing
  t.match(await run, { refreshed: 8, stopped: true })
  t.match(await leaving.refreshDue(), { refreshed: 0, skipped: 0, stopped: true })
  t.match(await runToTheEnd(auth), { refreshed: 52 })
  await assertAllAlive(t, world, 60)
})

t.test('refreshDue: with unusedForMs, a grant that no caller used for so long is left to expire', async (t) => {
  const world = await dueGrants(2)
  const { clock, auth, miro } = world
  const options = { unusedForMs: 90 * day }
  t.match(await runToTheEnd(auth, options), { refreshed: 2 })
  clock.jump(day)
  await auth.accessToken(refOf(1))
  t.match(await runToTheEnd(auth, options), { refreshed: 0 })
  clock.jump(allAreDue)
  t.match(await runToTheEnd(auth, options), { refreshed: 1, skipped: 1 })
  t.ok(miro.isLive(await auth.accessToken(refOf(1))))
  t.match(await runToTheEnd(auth), { refreshed: 1 }, 'without the option it is refreshed')
})

t.test('refreshDue: a wrong option is named in the error, and so is a store without scan', async (t) => {
  const { process, store } = createWorld()
  const auth = process()
  for (const [name, values] of Object.entries({
    concurrency: [0, -1, 1.5, 101, '8'],
    idleForMs: [0, -1, NaN, Infinity, 53 * day + 1, '45'],
    unusedForMs: [0, -1, NaN, '90'],
    limit: [0, 1.5, 1001, NaN, '100'],
    cursor: [5, null],
    signal: [{}, null],
    idleMs: [5]
  })) {
    for (const value of values) {
      const options = { [name]: value } as unknown as RefreshDueOptions
      await t.rejects(auth.refreshDue(options), { code: 'MIRO_CONFIG', message: new RegExp(`The option ${name} `) }, `${name}: ${String(value)}`)
    }
  }
  await t.rejects(process({ store: { get: store.get, cas: store.cas } }).refreshDue(), { code: 'MIRO_CONFIG', message: /a store with the method scan/ })
  await t.rejects(process({ store: { ...store, scan: async () => { throw new Error('down') } } }).refreshDue(), { code: 'MIRO_STORE' })
})

t.test('refreshDue: a cursor of another store is MIRO_STORE, and one that is none MIRO_CONFIG; no run ends early by it', async (t) => {
  const auth = createWorld().process()
  for (const cursor of ['grants:index 5 miro:grant:a', 'grants:miro:grant:a', 'revocations:making  7']) await t.rejects(auth.refreshDue({ cursor }), { code: 'MIRO_STORE' }, cursor)
  for (const cursor of ['', 'there', 'grants']) await t.rejects(auth.refreshDue({ cursor }), { code: 'MIRO_CONFIG' }, cursor)
})

t.test('fingerprint: it is the one in events, the same for a grant in every process with this secret', async (t) => {
  const { process, miro, events } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  const [event] = events
  t.equal(event?.type === 'connected' && event.grant, auth.fingerprint(ref))
  t.equal(process().fingerprint(ref), auth.fingerprint(ref))
  t.not(process({ clientSecret: 'another' }).fingerprint(ref), auth.fingerprint(ref))
  t.not(auth.fingerprint({ ...ref, teamId: ref.userId }), auth.fingerprint(ref))
})
