import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { MiroAuth, Store } from '../src/index.js'
import { grantKey } from '../src/grant/grant.js'
import { codeOf, createWorld, envelope, gate, ref, type World } from './fixtures/fake-miro.js'

const hour = 3_600_000
const day = 24 * hour
const clientId = '3458764500000000001'
const grant = grantKey(clientId, ref)

function linkKey (appUserId: string): string {
  return `miro:link:${clientId}:${appUserId}`
}

/** Every key in a store. */
async function allKeys (store: Store): Promise<string[]> {
  return (await store.scan?.({ prefix: 'miro:', expiresBefore: null, limit: 1000 }))?.keys ?? []
}

async function recordOf (store: Store): Promise<Record<string, unknown>> {
  const found = await store.get(grant)
  return found === null ? {} : JSON.parse(found.body)
}

/** A grant that these app users are linked to. */
async function shared (...appUserIds: string[]): Promise<World & { auth: MiroAuth }> {
  const world = createWorld()
  const auth = world.process()
  for (const appUserId of appUserIds) await auth.connect(world.miro.issue(), { appUserId })
  return { ...world, auth }
}

/** A store that fails for its `count`th write from now on, once, before or after the effect. */
function failingOnce (store: Store): { store: Store, failAt: (write: number, when: 'before' | 'after') => void } {
  let left = Infinity
  let isAfter = false
  return {
    failAt: (write, when) => { left = write; isAfter = when === 'after' },
    store: {
      ...store,
      cas: async (...args) => {
        if (--left !== 0) return store.cas(...args)
        if (isAfter) await store.cas(...args)
        throw new Error('planted')
      }
    }
  }
}

t.test('disconnect: the links that lead to the grant go with it, and the tombstone names none', async (t) => {
  const { auth, miro, store } = await shared('ada', 'ben')
  await auth.connect(miro.issue('7'), { appUserId: 'ben' })
  t.same(await auth.disconnect(ref), { ended: true, revoked: true })
  t.same(await auth.links('ada'), [])
  t.equal(await store.get(linkKey('ada')), null)
  t.same((await auth.links('ben')).map(({ userId }) => userId), ['7'], 'the links to other grants stay')
  t.same(Object.keys(await recordOf(store)).sort(), ['clientId', 'epoch', 'format', 'status', 'teamId', 'userId'])
})

t.test('disconnect: links that could not be removed are removed by the next disconnect, or by refreshDue', async (t) => {
  for (const finish of ['disconnect', 'refreshDue'] as const) {
    for (const when of ['before', 'after'] as const) {
      const { auth, store, process } = await shared('ada')
      const failing = failingOnce(store)
      failing.failAt(2, when)
      t.match(await process({ store: failing.store }).disconnect(ref), { ended: true })
      t.same((await recordOf(store))['appUserIds'], ['ada'])
      if (finish === 'disconnect') t.same(await auth.disconnect(ref), { ended: false, revoked: false })
      else await auth.refreshDue()
      t.equal(await store.get(linkKey('ada')), null)
      t.equal((await recordOf(store))['appUserIds'], undefined)
    }
  }
})

t.test('link: a grant that has ended, or was connected anew since, is not linked', async (t) => {
  const { auth, miro, store } = await shared()
  const first = await auth.connect(miro.issue())
  await auth.disconnect(ref)
  await auth.link('ada', first)
  t.equal(await store.get(linkKey('ada')), null)
  await auth.connect(miro.issue())
  await auth.link('ada', first)
  t.equal(await store.get(linkKey('ada')), null)
})

t.test('link: a link that a disconnect crosses does not stay', async (t) => {
  const { auth, store, process, miro } = await shared()
  const connection = await auth.connect(miro.issue())
  const reached = gate()
  const open = gate()
  const slow = process({
    store: {
      ...store,
      cas: async (...args) => {
        if (args[0] === linkKey('ada') && args[2] !== null) { reached.open(); await open.promise }
        return store.cas(...args)
      }
    }
  })
  const linking = slow.link('ada', connection)
  await reached.promise
  await auth.disconnect(ref)
  open.open()
  await linking
  t.equal(await store.get(linkKey('ada')), null)
})

t.test('unlink: a grant goes on until the last of its app users is unlinked, and is revoked then', async (t) => {
  const { auth, miro, store } = await shared('ada', 'ben')
  t.same(await auth.unlink('ada', ref), { unlinked: true, ended: false, revoked: false })
  t.same(await auth.grants('ada'), [])
  t.equal(await store.get(linkKey('ada')), null)
  t.equal((await auth.grants('ben')).length, 1)
  t.same(miro.requests, [])
  t.same(await auth.unlink('ada', ref), { unlinked: false, ended: false, revoked: false }, 'a second time there is nothing to do')
  t.same(await auth.unlink('ben', ref), { unlinked: true, ended: true, revoked: true })
  t.same(miro.paths(), ['/v2/oauth/revoke'])
  t.equal(await codeOf(auth.accessToken(ref)), 'MIRO_NOT_CONNECTED')
})

t.test('unlink: under a consent that is over it does nothing to the grant that was connected since', async (t) => {
  const { auth, miro } = await shared('ada')
  const { consentId } = await auth.snapshot(ref)
  if (consentId === null) throw new Error('There is no grant.')
  await auth.disconnect(ref)
  await auth.connect(miro.issue(), { appUserId: 'ada' })
  t.same(await auth.unlink('ada', ref, { consentId }), { unlinked: false, ended: false, revoked: false })
  t.equal((await auth.grants('ada')).length, 1)
})

t.test('link: of a call that died between its two writes no name is left that keeps the grant alive', async (t) => {
  const { auth, store, process } = await shared('ada')
  const [connected] = await auth.grants('ada')
  const { consentId } = await auth.snapshot(ref)
  if (connected === undefined || consentId === null) throw new Error('There is no grant.')
  const failing = failingOnce(store)
  failing.failAt(2, 'before')
  await t.rejects(process({ store: failing.store }).link('ben', { grant: connected, consentId }), { code: 'MIRO_STORE' })
  t.same((await recordOf(store))['appUserIds'], ['ada'])
  t.same(await auth.unlink('ada', ref), { unlinked: true, ended: true, revoked: true })
  t.match(await auth.forget('ben'), { disconnected: 0, shared: 0 })
  t.equal(await store.get(linkKey('ben')), null)
})

t.test('unlink: an app user who is not linked ends nothing, nor does an id that can be none', async (t) => {
  const { auth } = await shared('ada')
  t.same(await auth.unlink('eve', ref), { unlinked: false, ended: false, revoked: false })
  t.same(await auth.unlink('ada', { ...ref, teamId: '1' }), { unlinked: false, ended: false, revoked: false })
  for (const wrong of [auth.unlink('', ref), auth.unlink('ada', { userId: 1 as unknown as string, teamId: '1' }), auth.forget(''), auth.forgetGrant({ userId: '', teamId: '1' })]) {
    t.equal(await codeOf(wrong), 'MIRO_CONFIG')
  }
  t.equal((await auth.grants('ada')).length, 1)
})

t.test('unlink: app users stay named over refreshes, refusals and further connects', async (t) => {
  const { auth, miro, clock, store } = await shared('ada', 'ben')
  await clock.advance(hour)
  await auth.accessToken(ref)
  await auth.connect(miro.issue(), { appUserId: 'ada' })
  t.same((await recordOf(store))['appUserIds'], ['ada', 'ben'])
  await clock.advance(hour)
  miro.answer = () => new Response('{"error":"invalid_grant"}', { status: 400 })
  await codeOf(auth.accessToken(ref))
  t.equal((await recordOf(store))['status'], 'rejected')
  t.same(await auth.unlink('ben', ref), { unlinked: true, ended: false, revoked: false })
  t.same(await auth.unlink('ada', ref), { unlinked: true, ended: true, revoked: false }, 'Miro had ended it')
  await auth.connect(miro.issue(), { appUserId: 'cid' })
  t.same((await recordOf(store))['appUserIds'], ['cid'], 'a new consent begins with nobody')
})

t.test('unlink: a record that was written before it named app users ends with the link of one', async (t) => {
  const { auth, miro, store } = await shared('ada')
  const found = await store.get(grant)
  const { appUserIds: _, ...before } = await recordOf(store)
  await store.cas(grant, found?.version ?? null, { body: JSON.stringify(before), expiresAt: found?.expiresAt ?? null })
  t.equal((await auth.grants('ada')).length, 1)
  t.same(await auth.unlink('eve', ref), { unlinked: false, ended: false, revoked: false })
  t.same(await auth.unlink('ada', ref), { unlinked: true, ended: true, revoked: true })
  t.notOk(miro.isLive('access-1'))
})

t.test('unlink: a call that died is made good by the next one, wherever it died', async (t) => {
  for (const others of [[], ['ben']]) {
    for (const when of ['before', 'after'] as const) {
      for (let write = 1; write <= 4; write++) {
        const { auth, store, process, miro } = await shared('ada', ...others)
        const failing = failingOnce(store)
        failing.failAt(write, when)
        await process({ store: failing.store }).unlink('ada', ref).catch(() => {})
        await auth.unlink('ada', ref)
        t.equal(await store.get(linkKey('ada')), null, `write ${write}, ${when}`)
        t.same((await recordOf(store))['appUserIds'], others.length === 0 ? undefined : others)
        t.equal((await recordOf(store))['status'], others.length === 0 ? 'disconnected' : 'active')
        t.equal(miro.isLive(`access-${others.length + 1}`), others.length > 0)
      }
    }
  }
})

/** Links and unlinks of three app users, each call of the store in an order that the scheduler picks. */
async function runAtOnce (s: fc.Scheduler, acts: Array<{ act: 'connect' | 'link' | 'unlink', appUserId: string }>): Promise<void> {
  const world = await shared('ada', 'ben')
  const { auth, miro, store, process } = world
  const { consentId } = await auth.snapshot(ref)
  const [connected] = await auth.grants('ada')
  if (consentId === null || connected === undefined) throw new Error('There is no grant.')
  const revoked = { count: 0 }
  miro.answer = ({ path }) => { if (path === '/v2/oauth/revoke') revoked.count++; return undefined }
  const slow: Store = {
    get: (key) => s.schedule(Promise.resolve(), 'get').then(() => store.get(key)),
    cas: (...args) => s.schedule(Promise.resolve(), 'cas').then(() => store.cas(...args))
  }
  const ends = { count: 0 }
  const all = Promise.all(acts.map(async ({ act, appUserId }): Promise<void> => {
    const caller = process({ store: slow })
    if (act === 'connect') await caller.connect(miro.issue(), { appUserId })
    else if (act === 'link') await caller.link(appUserId, { grant: connected, consentId })
    else if ((await caller.unlink(appUserId, ref)).ended) ends.count++
  }))
  await s.waitFor(all)
  const record = await recordOf(store)
  const named = record['status'] === 'active' ? (record['appUserIds'] ?? []) as string[] : []
  if (record['status'] === 'active' && named.length === 0) throw new Error('The grant is active, and nobody is linked.')
  if (record['status'] === 'disconnected' && record['appUserIds'] !== undefined) throw new Error('A tombstone names somebody.')
  // Of a person who has connected again no pair is revoked now.
  const putOff = (await allKeys(store)).filter((key) => key.startsWith('miro:revocation:')).length
  if (ends.count !== revoked.count + putOff) throw new Error(`${ends.count} ended, ${revoked.count} revoked, ${putOff} put off`)
  for (const appUserId of ['ada', 'ben', 'cid']) {
    const links = await auth.links(appUserId)
    const isLinked = links.some((link) => link.consentId === record['consentId'])
    if (isLinked !== named.includes(appUserId)) throw new Error(`The index of ${appUserId} differs from the record.`)
    if (links.length > (isLinked ? 1 : 0)) throw new Error(`A void link of ${appUserId} is left.`)
  }
  for (const { appUserId, act } of acts) {
    const hasLeft = acts.some((other) => other.appUserId === appUserId && other.act === 'unlink')
    if (act === 'connect' && !hasLeft && !named.includes(appUserId)) throw new Error(`The connect of ${appUserId} was lost.`)
  }
}

t.test('unlink: in any order of calls at once, the grant ends with the last link, and no link is lost or left', async (t) => {
  const act = fc.record({
    act: fc.constantFrom('connect' as const, 'link' as const, 'unlink' as const),
    appUserId: fc.constantFrom('ada', 'ben', 'cid')
  })
  const acts = fc.array(act, { minLength: 2, maxLength: 5 })
  const settings = { seed: 1, numRuns: 150, includeErrorInReport: true }
  await fc.assert(fc.asyncProperty(fc.scheduler(), acts, runAtOnce), settings)
  t.pass('150 schedules')
})

/** Asserts that a store holds nothing of a grant and its app user but a tombstone, which goes within the hour. */
async function assertForgotten (t: Test, { store, clock }: World, appUserId: string): Promise<void> {
  t.same(await allKeys(store), [grant])
  t.same(Object.keys(await recordOf(store)).sort(), ['clientId', 'epoch', 'format', 'isForgotten', 'status', 'teamId', 'userId'])
  t.notOk((await store.get(grant))?.body.includes(JSON.stringify(appUserId)))
  clock.jump(hour)
  t.same(await allKeys(store), [])
}

t.test('forget: an app user is taken off every grant, and grants that no other has are ended and revoked', async (t) => {
  const world = await shared('ada')
  const { auth, miro, store } = world
  await auth.connect(miro.issue('7'), { appUserId: 'ada' })
  await auth.connect(miro.issue('7'), { appUserId: 'ben' })
  t.same(await auth.forget('ada'), { disconnected: 1, revoked: 1, shared: 1 })
  t.equal(await store.get(linkKey('ada')), null)
  t.same((await auth.grants('ben')).map(({ userId }) => userId), ['7'])
  const bodies = await Promise.all((await allKeys(store)).map(async (key) => (await store.get(key))?.body))
  t.notOk(bodies.join('\n').includes('"ada"'))
  t.ok(bodies.join('\n').includes('"ben"'))
  t.same(await auth.forget('ada'), { disconnected: 0, revoked: 0, shared: 0 }, 'it can be repeated')
  t.same(await auth.forget('ben'), { disconnected: 1, revoked: 1, shared: 0 })
})

t.test('forget: what is left is a tombstone of ids, for an hour', async (t) => {
  const world = await shared('ada')
  await world.auth.fetchNames(ref)
  t.same(await world.auth.forget('ada'), { disconnected: 1, revoked: 1, shared: 0 })
  await assertForgotten(t, world, 'ada')
})

t.test('forget: a call that died is made good by the next one, wherever it died', async (t) => {
  for (const when of ['before', 'after'] as const) {
    for (let write = 1; write <= 6; write++) {
      const world = await shared('ada')
      const failing = failingOnce(world.store)
      failing.failAt(write, when)
      await world.process({ store: failing.store }).forget('ada').catch(() => {})
      await world.auth.forget('ada')
      await world.auth.refreshDue()
      t.notOk(world.miro.isLive('access-1'), `write ${write}, ${when}`)
      t.equal(await world.store.get(linkKey('ada')), null)
      t.match(await recordOf(world.store), { status: 'disconnected', isForgotten: true, appUserIds: undefined })
    }
  }
})

t.test('forget: the tombstone of a grant that was disconnected before goes within the hour too', async (t) => {
  const world = await shared('ada')
  const { auth, store } = world
  await auth.disconnect(ref)
  await auth.forgetGrant(ref)
  await assertForgotten(t, world, 'ada')

  const left = await shared('ada')
  const failing = failingOnce(left.store)
  failing.failAt(2, 'before')
  await left.process({ store: failing.store }).disconnect(ref)
  t.same(await left.auth.forget('ada'), { disconnected: 0, revoked: 0, shared: 0 })
  await assertForgotten(t, left, 'ada')
  t.same(await allKeys(store), [])
})

t.test('forgetGrant: a grant ends for all its app users, and can be forgotten again', async (t) => {
  const world = await shared('ada', 'ben')
  t.same(await world.auth.forgetGrant(ref), { ended: true, revoked: true })
  t.same(await world.auth.forgetGrant(ref), { ended: false, revoked: false })
  await assertForgotten(t, world, 'ada')
})

t.test('forget: where Miro does not confirm, the pair stays sealed until refreshDue has it revoked', async (t) => {
  const world = await shared('ada')
  const { auth, miro, clock, store } = world
  miro.answer = () => envelope(503, 'x')
  t.same(await auth.forget('ada'), { disconnected: 1, revoked: 0, shared: 0 })
  miro.answer = () => undefined
  clock.jump(2 * hour)
  const [left = '', ...more] = await allKeys(store)
  t.match(left, /^miro:revocation:/)
  t.same(more, [])
  t.match(await auth.refreshDue(), { revoked: 1 })
  t.same(await allKeys(store), [])
})

t.test('forget: a late result of a refresh brings no grant back, and its pair is revoked, also after the tombstone is gone', async (t) => {
  for (const isLate of [false, true]) {
    const { auth, miro, clock, store, process } = await shared('ada')
    const other = process()
    await clock.advance(hour)
    const slow = gate()
    miro.answer = async ({ path }) => { if (path === '/v1/oauth/token') await slow.promise; return undefined }
    const call = codeOf(auth.accessToken(ref))
    await clock.advance(10)
    t.match(await other.forget('ada'), { disconnected: 1 })
    if (isLate) clock.jump(day)
    slow.open()
    await clock.advance(3000)
    t.equal(await call, 'MIRO_NOT_CONNECTED')
    await auth.close()
    t.not((await recordOf(store))['status'], 'active')
    if (isLate) {
      clock.jump(hour)
      await other.refreshDue()
    }
    t.notOk(miro.isLive('access-2'), isLate ? 'an access token that has expired is left to refreshDue' : 'at once')
  }
})

t.test('forget: a connect whose write was reported as failed does not come back', async (t) => {
  const { process, miro, clock, store } = createWorld()
  const done = gate()
  let isFirst = true
  const auth = process({
    store: {
      ...store,
      cas: async (...args) => {
        if (!isFirst) return store.cas(...args)
        isFirst = false
        await store.cas(...args)
        await process().forgetGrant(ref)
        done.open()
        throw new Error('reply lost')
      }
    }
  })
  const connecting = codeOf(auth.connect(miro.issue(), { appUserId: 'ada' }))
  await done.promise
  await clock.advance(2000)
  t.equal(await connecting, 'MIRO_STORE')
  t.equal((await recordOf(store))['status'], 'disconnected')
  t.equal(await store.get(linkKey('ada')), null)
})

t.test('forget: a lease that may live longer than an hour keeps its tombstone twice as long', async (t) => {
  const { process, miro, store, clock } = createWorld()
  const auth = process({ refresh: { requestMs: 3_000_000, leaseMs: 3 * hour } })
  await auth.connect(miro.issue())
  await auth.forgetGrant(ref)
  t.equal((await store.get(grant))?.expiresAt, clock.now() + 6 * hour)
})
