import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { encryptedStore, memoryStore, type MiroAuth, type Store } from '../src/index.js'
import { grantKey } from '../src/grant/grant.js'
import { createFakeClock } from '../src/testing/index.js'
import { createWorld, envelope, gate, json, ref, type World } from './fixtures/fake-miro.js'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const clientId = '3458764500000000001'
const prefix = `miro:revocation:${clientId}:`
/** Longer than a lease, so that the process that wrote a record is over. */
const later = 3 * minute

/** Waits until a record stands in a store: it is sealed in another thread. */
async function stands (store: Store): Promise<void> {
  while ((await keysOf(store)).length === 0) await new Promise((resolve) => setImmediate(resolve))
}

async function keysOf (store: Store): Promise<string[]> {
  return (await store.scan?.({ prefix, expiresBefore: null, limit: 1000 }))?.keys ?? []
}

/** A world with a grant that was disconnected while Miro answered with `answer`. */
async function putOff (
  answer: () => Response, options: { ageMs?: number, issued?: object } = {}
): Promise<World & { auth: MiroAuth }> {
  const world = createWorld()
  const auth = world.process()
  await auth.connect(world.miro.issue(ref.userId, { ...options.issued }))
  world.clock.jump(options.ageMs ?? 0)
  world.miro.answer = answer
  await auth.disconnect(ref)
  await world.clock.advance(1000)
  world.miro.answer = () => undefined
  return { ...world, auth }
}

function notReached (): never {
  throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })
}

/** Asserts that nothing is left to revoke. */
async function assertDone (t: Test, { store, auth, miro }: World & { auth: MiroAuth }): Promise<void> {
  t.same(await keysOf(store), [])
  const sent = miro.requests.length
  t.match(await auth.refreshDue(), { revoked: 0, revocationsPending: 0 })
  t.equal(miro.requests.length, sent)
}

for (const [name, answer] of Object.entries({
  'answers 503': () => envelope(503, 'x'),
  'is not reached': notReached,
  'asks to wait': () => json(429, {}),
  'loses the answer': () => { throw new TypeError('fetch failed') }
})) {
  t.test(`revocation: while Miro ${name} a disconnect stands, and the next run of refreshDue revokes the pair`, async (t) => {
    const world = createWorld()
    const { miro, clock, events, process, store } = world
    const auth = process()
    await auth.connect(miro.issue())
    miro.answer = answer
    t.same(await auth.disconnect(ref), { ended: true, revoked: false })
    t.same(events.slice(-2).map(({ type }) => type).sort(), ['disconnected', 'revocation_pending'])
    t.ok(miro.isLive('access-1'))
    t.equal(miro.refreshes().length, 0, 'a refresh whose answer is lost would lose the pair')
    miro.answer = () => undefined
    const sent = miro.requests.length
    t.match(await process().refreshDue(), { revoked: 0, revocationsPending: 1 }, 'its own process may still be at it')
    t.equal(miro.requests.length, sent)
    clock.jump(later)
    t.match(await process().refreshDue(), { revoked: 1, revocationsPending: 0, stopped: false })
    t.notOk(miro.isLive('access-1'))
    await assertDone(t, { ...world, auth })
    t.equal((await keysOf(store)).length, 0)
  })
}

t.test('revocation: a disconnect that Miro confirms leaves no record', async (t) => {
  const { process, miro, store, events } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  miro.answer = async () => { await stands(store); return undefined }
  t.same(await auth.disconnect(ref), { ended: true, revoked: true }, 'the record is written while Miro is asked')
  t.same(await keysOf(store), [])
  t.notOk(events.some(({ type }) => type === 'revocation_pending'))
})

t.test('revocation: an access token that has expired by then is refreshed once, and the new pair revoked', async (t) => {
  const world = await putOff(() => envelope(500, 'x'))
  world.clock.jump(day)
  t.match(await world.auth.refreshDue(), { revoked: 1 })
  t.same(world.miro.paths(), ['/v2/oauth/revoke', '/v1/oauth/token', '/v2/oauth/revoke'])
  t.notOk(world.miro.isLive('access-2'))
  await assertDone(t, world)
})

t.test('revocation: a new pair that could not be revoked replaces the one that was spent for it', async (t) => {
  const world = await putOff(() => envelope(500, 'x'))
  const { miro, clock, auth } = world
  clock.jump(day)
  miro.answer = ({ path }) => path === '/v2/oauth/revoke' ? envelope(500, 'x') : undefined
  t.match(await auth.refreshDue(), { revoked: 0, revocationsPending: 1 })
  miro.answer = () => undefined
  clock.jump(later)
  t.match(await auth.refreshDue(), { revoked: 1 })
  t.equal(miro.requests.at(-1)?.json?.['accessToken'], 'access-2')
  t.equal(miro.refreshes().length, 1)
  await assertDone(t, world)
})

t.test('revocation: a pair that Miro calls dead is done with', async (t) => {
  const lost = await putOff(() => { throw new TypeError('fetch failed') })
  lost.miro.issue()
  lost.clock.jump(later)
  t.match(await lost.auth.refreshDue(), { revoked: 1 }, 'invalid_grant')
  t.same(lost.miro.paths().slice(1), ['/v2/oauth/revoke', '/v1/oauth/token'])
  await assertDone(t, lost)

  const issued = { refresh_token: undefined, expires_in: undefined }
  const endless = await putOff(() => envelope(500, 'x'), { issued })
  endless.miro.issue()
  endless.clock.jump(later)
  t.match(await endless.auth.refreshDue(), { revoked: 1 }, 'the access token is unknown, and there is no other')
  await assertDone(t, endless)
})

t.test('revocation: an unclear refusal ends the tries only if the client secret worked since the last one', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  const other = { ...ref, userId: '7' }
  await auth.connect(miro.issue('7'))
  await auth.connect(miro.issue())
  clock.jump(1000)
  miro.answer = () => envelope(500, 'x')
  await auth.disconnect(ref)
  clock.jump(day)
  miro.answer = () => envelope(401, 'oauthError')
  t.match(await auth.refreshDue(), { revoked: 0, revocationsPending: 1 }, 'the secret may be wrong')
  clock.jump(day)
  miro.answer = () => undefined
  await auth.accessToken(other)
  miro.answer = () => envelope(401, 'oauthError')
  t.match(await auth.refreshDue(), { revoked: 1, revocationsPending: 0 })
})

t.test('revocation: nothing is sent while the person has connected again', async (t) => {
  const world = await putOff(() => envelope(500, 'x'))
  const { miro, clock, auth } = world
  await auth.connect(miro.issue())
  clock.jump(later)
  const sent = miro.requests.length
  t.match(await auth.refreshDue(), { revoked: 0, revocationsPending: 1 })
  t.equal(miro.requests.length, sent, 'Miro may revoke all pairs of a user')
  t.ok(miro.isLive('access-2'))
})

t.test('revocation: nothing is sent while a record stands there that cannot be read, for it may be a grant', async (t) => {
  const { auth, miro, clock, store } = await putOff(() => envelope(503, 'x'))
  const key = grantKey(clientId, ref)
  const found = await store.get(key)
  await store.cas(key, found?.version ?? null, { body: '{"format":99}', expiresAt: null })
  clock.jump(later)
  const sent = miro.requests.length
  t.match(await auth.refreshDue(), { revoked: 0, revocationsPending: 1 })
  t.equal(miro.requests.length, sent)
})

t.test('revocation: one that Miro asks to wait with does not hold up the others', async (t) => {
  const { auth, miro, clock } = await putOff(() => envelope(503, 'x'))
  miro.answer = () => envelope(503, 'x')
  for (const userId of ['8', '9']) {
    await auth.connect(miro.issue(userId))
    await auth.disconnect({ ...ref, userId })
  }
  await clock.advance(1000)
  clock.jump(later)
  let asked = 0
  miro.answer = () => ++asked === 1 ? json(429, {}) : undefined
  t.match(await auth.refreshDue(), { revoked: 2, revocationsPending: 1, stopped: false })
})

t.test('revocation: a leased grant is put off, and no second request goes out with its refresh token', async (t) => {
  const { process, miro, clock, store } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async ({ path }) => { if (path === '/v1/oauth/token') await slow.promise; return undefined }
  auth.accessToken(ref).catch(() => {})
  await clock.advance(10)
  t.same(await other.disconnect(ref), { ended: true, revoked: false })
  t.equal(miro.refreshes().length, 1)
  slow.open()
  await clock.advance(3000)
  await auth.close()
  t.notOk(miro.isLive('access-2'), 'the process with the lease revokes what it gets')
  clock.jump(later)
  t.match(await other.refreshDue(), { revoked: 1 }, 'the pair before it is dead')
  t.same(await keysOf(store), [])
})

t.test('revocation: a pair that arrives after a disconnect is put off too where Miro does not confirm', async (t) => {
  const { process, miro, clock, store, events } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async ({ path }) => {
    if (path === '/v2/oauth/revoke') return envelope(503, 'x')
    await slow.promise
    return undefined
  }
  auth.accessToken(ref).catch(() => {})
  await clock.advance(10)
  await process().disconnect(ref)
  slow.open()
  await clock.advance(3000)
  await auth.close()
  t.ok(miro.isLive('access-2'))
  t.equal(events.filter(({ type }) => type === 'revocation_pending').length, 2)
  miro.answer = () => undefined
  clock.jump(later)
  t.match(await process().refreshDue(), { revoked: 2 })
  t.notOk(miro.isLive('access-2'))
  t.same(await keysOf(store), [])
})

t.test('revocation: a process that dies while it asks Miro leaves the rest to another', async (t) => {
  const { process, miro, clock, store } = createWorld()
  const killed = process({ clock: createFakeClock(clock.now()) })
  const other = process()
  await other.connect(miro.issue())
  const asked = gate()
  miro.answer = () => { asked.open(); return new Promise<Response>(() => {}) }
  killed.disconnect(ref).catch(() => {})
  await asked.promise
  await stands(store)
  miro.answer = () => undefined
  clock.jump(later)
  t.match(await other.refreshDue(), { revoked: 1 })
  t.notOk(miro.isLive('access-1'))
})

t.test('revocation: of several runs at once one asks Miro', async (t) => {
  const world = await putOff(() => envelope(500, 'x'))
  const { miro, clock, process } = world
  clock.jump(day)
  const before = miro.requests.length
  const runs = await Promise.all([1, 2, 3, 4].map(() => process().refreshDue()))
  t.equal(runs.reduce((sum, { revoked }) => sum + revoked, 0), 1)
  t.equal(miro.requests.length - before, 2)
  await assertDone(t, world)
})

t.test('revocation: a reader of the store finds no token in a record, nor whose grant it was', async (t) => {
  const { store } = await putOff(() => envelope(500, 'x'))
  const [key = ''] = await keysOf(store)
  const found = await store.get(key)
  const text = key + JSON.stringify(found) + Buffer.from(found?.body.split('.')[0] ?? '', 'base64url').toString()
  for (const secret of ['access-1', 'refresh-1', ref.userId, ref.teamId]) t.notOk(text.includes(secret), secret)
  t.match(key, /^miro:revocation:3458764500000000001:[\da-f-]{36}$/)
})

t.test('revocation: a record stays until the refresh token is over, or the access token of a pair without one', async (t) => {
  const { store, clock } = await putOff(() => envelope(500, 'x'), { ageMs: 10 * minute })
  const connectedAt = clock.now() - 10 * minute - 1000
  t.equal((await store.get((await keysOf(store))[0] ?? ''))?.expiresAt, connectedAt + 60 * day)
  const short = await putOff(() => envelope(500, 'x'), { issued: { refresh_token: undefined } })
  t.equal((await short.store.get((await keysOf(short.store))[0] ?? ''))?.expiresAt, short.clock.now() - 1000 + 3_599_000)
  const endless = await putOff(() => envelope(500, 'x'), { issued: { refresh_token: undefined, expires_in: undefined } })
  const kept = (await endless.store.get((await keysOf(endless.store))[0] ?? ''))?.expiresAt ?? 0
  t.ok(Math.abs(kept - endless.clock.now() - 60 * day) <= 1000, 'the tries to revoke a token without an end are bounded')
})

t.test('revocation: under another client secret, changed or moved, a record is left alone until it expires, and holds nothing up', async (t) => {
  const world = await putOff(() => envelope(500, 'x'))
  const { miro, clock, process, store } = world
  const [first = ''] = await keysOf(store)
  const stored = await store.get(first)
  for (const [index, body] of [stored?.body ?? '', '{"format":2,"sealed":"x"}', 'null', 'x', '{"format":1,"sealed":"a.b.c.d.e"}'].entries()) {
    await store.cas(`${prefix}planted-${index}`, null, { body, expiresAt: clock.now() + day })
  }
  const auth = process()
  await auth.connect(miro.issue('7'))
  miro.answer = () => envelope(500, 'x')
  await auth.disconnect({ ...ref, userId: '7' })
  miro.answer = () => undefined
  clock.jump(later)
  t.match(await process({ clientSecret: 'another-client-secret' }).refreshDue(), { revoked: 0, revocationsPending: 7, stopped: false })
  t.match(await auth.refreshDue(), { revoked: 2, revocationsPending: 5, stopped: false })
  clock.jump(60 * day)
  t.same(await keysOf(store), [])
})

t.test('revocation: a page goes on with revocations where grants leave room, and its cursor leads through them', async (t) => {
  const world = createWorld()
  const { miro, clock, process } = world
  const auth = process()
  for (let user = 1; user <= 7; user++) await auth.connect(miro.issue(String(user)))
  miro.answer = notReached
  for (let user = 1; user <= 5; user++) await auth.disconnect({ ...ref, userId: String(user) })
  miro.answer = () => undefined
  clock.jump(51 * day)
  const pages: Array<[number, number, number, boolean]> = []
  for (let cursor: string | undefined; ;) {
    const page = await auth.refreshDue({ limit: 3, cursor })
    pages.push([page.refreshed, page.skipped, page.revoked, page.cursor === undefined])
    cursor = page.cursor
    if (cursor === undefined) break
    t.ok(pages.length < 10)
  }
  t.equal(pages.reduce((sum, [refreshed]) => sum + refreshed, 0), 2)
  t.equal(pages.reduce((sum, [, , revoked]) => sum + revoked, 0), 5)
  t.ok(pages.every(([refreshed, skipped, revoked]) => refreshed + skipped + revoked <= 3))
  t.equal(await auth.refreshDue({ cursor: 'there' }).catch(({ code }: { code: string }) => code), 'MIRO_CONFIG')
})

t.test('revocation: while Miro is out of reach a run stops, and asks for few of them', async (t) => {
  const world = createWorld()
  const { miro, clock, process } = world
  const auth = process()
  for (let user = 1; user <= 40; user++) await auth.connect(miro.issue(String(user)))
  miro.answer = notReached
  for (let user = 1; user <= 40; user++) await auth.disconnect({ ...ref, userId: String(user) })
  clock.jump(later)
  const before = miro.requests.length
  t.match(await auth.refreshDue(), { revoked: 0, stopped: true })
  t.ok(miro.requests.length - before <= 8)
  miro.answer = () => undefined
  clock.jump(later)
  t.match(await auth.refreshDue(), { revoked: 40, stopped: false })
})

t.test('revocation: a store that fails after the tombstone does not keep Miro from being asked', async (t) => {
  const { process, miro, store, clock } = createWorld()
  let isDown = false
  const auth = process({
    store: {
      ...store,
      cas: async (key, ...rest) => {
        if (isDown && key.startsWith(prefix)) throw new Error('down')
        return store.cas(key, ...rest)
      }
    }
  })
  await auth.connect(miro.issue())
  isDown = true
  t.same(await auth.disconnect(ref), { ended: true, revoked: true })
  await auth.connect(miro.issue())
  miro.answer = () => { isDown = false; return envelope(500, 'x') }
  t.same(await auth.disconnect(ref), { ended: true, revoked: false })
  miro.answer = () => undefined
  clock.jump(later)
  t.match(await auth.refreshDue(), { revoked: 1 }, 'it is stored once the store is back')
})

t.test('revocation: records are encrypted, and rewrapped, as all others are', async (t) => {
  const { process, miro, clock } = createWorld()
  const inner = memoryStore({ clock })
  const [one, two] = ['one', 'two'].map((name) => `${name}:${randomBytes(32).toString('base64url')}`)
  const store = encryptedStore(inner, { keys: [one] })
  const auth = process({ store })
  await auth.connect(miro.issue())
  miro.answer = () => envelope(500, 'x')
  await auth.disconnect(ref)
  const renamed = encryptedStore(inner, { keys: [two, one] })
  t.match(await renamed.rewrap(), { rewrapped: 2, unreadable: 0 })
  miro.answer = () => undefined
  clock.jump(later)
  t.match(await process({ store: renamed }).refreshDue(), { revoked: 1 })
})
