import { createMiroAuth, memoryStore, type Store } from '@miro-oauth/core'
import type { Emulator } from '@miro-oauth/emulator'
import { throughInject, Visitor } from '@miro-oauth/example-shared/testing'
import type { FastifyMiroOptions } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { adminPage } from '../src/admin-page.js'
import { checkSecret, watchSecret } from '../src/changed-client-secret.js'
import { forgetAppUser, forgetMiroUser } from '../src/person-who-leaves.js'
import { exchange, personOf, startApp, startEmulator } from './fixtures/world.js'

const hour = 3_600_000
const person = personOf(0)
const hostile = '<script>alert(1)</script>"\''

interface World {
  emulator: Emulator
  store: Store
  app: FastifyInstance
}

async function startWorld (t: Test, miro: Partial<FastifyMiroOptions> = {}): Promise<World> {
  const emulator = await startEmulator(t)
  const store = memoryStore({ clock: emulator.clock })
  return { emulator, store, app: await startApp(t, emulator, { miro: { store, ...miro } }) }
}

/** The admin page of an app whose administrators are known by a header. */
async function withAdminPage (world: World): Promise<{ admin: Visitor, stranger: Visitor }> {
  const { app } = world
  await app.register(adminPage, {
    prefix: '/admin/miro',
    requireAdmin: async ({ headers }, reply) => headers['x-admin'] === 'yes' ? undefined : reply.code(403).send({ code: 'NOT_ADMIN' })
  })
  const origin = 'http://localhost:3000'
  return {
    admin: new Visitor(origin, throughInject(app, { 'x-admin': 'yes' })),
    stranger: new Visitor(origin, throughInject(app))
  }
}

const ended = { user_id: person.userId, team_id: person.teamId }

t.test('admin page: grants with names, states and users, as text, without tokens, and not kept', async (t) => {
  const world = await startWorld(t, { appUserId: () => null })
  const { app, emulator } = world
  const { admin } = await withAdminPage(world)
  const answer = await exchange(emulator)
  await app.miro.auth.connect({ ...JSON.parse(answer) as object, scope: `boards:read ${hostile}` }, { appUserId: hostile })
  await app.miro.auth.connect(await exchange(emulator, 1), { appUserId: 'user-2' })
  await app.miro.auth.fetchNames(personOf(1))
  emulator.set({ refusals: 'rfc' })
  emulator.clock.advance(hour)
  emulator.faults.add({ do: 'refuse', on: 'token' })
  await t.rejects(app.miro.auth.accessToken(personOf(1)), { code: 'MIRO_REAUTHORIZE' })
  const { status, headers, body } = await admin.get('/admin/miro')
  t.equal(status, 200)
  t.match(headers, { 'cache-control': 'no-store', 'content-security-policy': /default-src 'none'.*frame-ancestors 'none'/ })
  t.match(body, 'Person 1')
  t.match(body, 'Must connect again: Miro refused the grant')
  t.match(body, '&lt;script&gt;')
  t.notMatch(body, '<script')
  const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(answer) as Record<string, string>
  for (const token of [accessToken, refreshToken]) t.notOk(body.includes(String(token)))
})

t.test('admin page: it is for administrators, and its button for forms of its own', async (t) => {
  const world = await startWorld(t, { appUserId: () => null })
  const { app, emulator } = world
  const { admin, stranger } = await withAdminPage(world)
  await app.miro.auth.connect(await exchange(emulator), { appUserId: 'ada' })
  const refused = [await stranger.get('/admin/miro'), await stranger.post('/admin/miro/disconnect', ended)]
  for (const { status, headers } of refused) {
    t.equal(status, 403)
    t.equal(headers['cache-control'], 'no-store')
  }
  t.match(await admin.post('/admin/miro/disconnect', ended, { 'sec-fetch-site': 'cross-site' }), { status: 403, body: 'MIRO_CROSS_SITE' })
  for (const body of [{}, { user_id: '' }, { ...ended, team_id: '../x' }]) t.equal((await admin.post('/admin/miro/disconnect', body)).status, 400)
  for (const query of ['cursor=', 'cursor=%00', 'ended=maybe']) t.equal((await admin.get(`/admin/miro?${query}`)).status, 400)
  t.equal((await app.miro.auth.grants('ada')).length, 1, 'none of them did anything')
  const { status, location } = await admin.post('/admin/miro/disconnect', ended)
  t.match([status, location], [303, 'http://localhost:3000/admin/miro?ended=confirmed'])
  t.same(await app.miro.auth.grants('ada'), [])
  t.match((await admin.get('/admin/miro?ended=confirmed')).body, /here and at Miro[^]*None on this page/)
  t.match(await admin.post('/admin/miro/disconnect', ended), { location: /ended=none/ })
})

t.test('admin page: all pages are linked, and a record that cannot be read is a row', async (t) => {
  const inner = memoryStore()
  const scan: Store['scan'] = async (query) => await inner.scan?.({ ...query, limit: 1 }) ?? { keys: [] }
  const world = await startWorld(t, { store: { ...inner, scan }, appUserId: () => null })
  const { app, emulator } = world
  const { admin } = await withAdminPage(world)
  for (const index of [0, 1, 2]) await app.miro.auth.connect(await exchange(emulator, index))
  const [key = ''] = (await inner.scan?.({ prefix: 'miro:grant:', expiresBefore: null, limit: 1 }))?.keys ?? []
  await inner.cas(key, (await inner.get(key))?.version ?? null, { body: '{', expiresAt: null })
  const pages: string[] = []
  for (let path: string | undefined = '/admin/miro'; path !== undefined;) {
    const { body } = await admin.get(path)
    pages.push(body)
    path = /href="([^"]+cursor=[^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&')
  }
  t.match(pages[0], 'cannot be read')
  t.notMatch(pages[0], '<button')
  for (const index of [0, 1, 2]) t.equal(pages.filter((page) => page.includes(personOf(index).userId)).length, 1)
})

/** Every key and body of a store. */
async function contents (store: Store): Promise<string> {
  const { keys } = await store.scan?.({ prefix: '', expiresBefore: null, limit: 1000 }) ?? { keys: [] }
  const bodies = await Promise.all(keys.map(async (key) => `${key} ${(await store.get(key))?.body}`))
  return bodies.join('\n')
}

t.test('leave: a user of the app is forgotten, and what others share goes on', async (t) => {
  const { app, emulator, store } = await startWorld(t, { appUserId: () => null })
  const { auth } = app.miro
  for (const [index, appUserId] of [[0, 'ada'], [1, 'ada'], [1, 'ben']] as const) await auth.connect(await exchange(emulator, index), { appUserId })
  t.same(await forgetAppUser(app, 'ada'), { disconnected: 1, revoked: 1, shared: 1 })
  t.notMatch(await contents(store), 'ada')
  t.equal((await auth.grants('ben')).length, 1)
  t.type(await auth.accessToken(personOf(1)), 'string')
  t.same(await forgetAppUser(app, 'ada'), { disconnected: 0, revoked: 0, shared: 0 }, 'it can be repeated')
  emulator.clock.advance(2 * hour)
  t.notMatch(await contents(store), personOf(0).userId, 'the tombstone goes after an hour')
})

t.test('leave: a Miro user loses sessions and all grants, of installs too, and is gone after an hour', async (t) => {
  const { app, emulator, store } = await startWorld(t)
  const answer = JSON.parse(await exchange(emulator)) as Record<string, string>
  const tokens = { accessToken: String(answer['access_token']), refreshToken: String(answer['refresh_token']), expiresInMs: hour }
  app.get('/boards', { preHandler: app.miro.requireGrant }, async () => 'boards')
  const cookies = await signInAs(app, { ...person, tokens })
  const installed = { ...person, teamId: '3458764530000000009' }
  await app.miro.auth.connect({ ...answer, team_id: installed.teamId })
  t.equal((await app.inject({ url: '/boards', cookies })).statusCode, 200)
  t.match(await forgetMiroUser(app, person.userId), { ended: 2 })
  t.equal((await app.inject({ url: '/boards', cookies })).statusCode, 401)
  for (const ref of [person, installed]) await t.rejects(app.miro.auth.accessToken(ref), { code: 'MIRO_NOT_CONNECTED' })
  t.same(await forgetMiroUser(app, person.userId), { ended: 0, revoked: 0 })
  t.notMatch(await contents(store), /miro:session/)
  emulator.clock.advance(2 * hour)
  t.notMatch(await contents(store), person.userId)
})

t.test('leave: while Miro is down the grant ends here, and refreshDue has Miro revoke it later', async (t) => {
  const { app, emulator, store } = await startWorld(t, { appUserId: () => null })
  const { auth } = app.miro
  await auth.connect(await exchange(emulator), { appUserId: 'ada' })
  const outage = emulator.faults.add({ do: 'answer', status: 503, on: 'revoke', times: Infinity })
  t.same(await forgetAppUser(app, 'ada'), { disconnected: 1, revoked: 0, shared: 0 })
  await t.rejects(auth.accessToken(person), { code: 'MIRO_NOT_CONNECTED' })
  t.match(emulator.ledger.pairs().at(-1), { death: null })
  outage.remove()
  emulator.clock.advance(hour / 2)
  t.match(await auth.refreshDue(), { revoked: 1, revocationsPending: 0 })
  t.notMatch(emulator.ledger.pairs().at(-1), { death: null })
  t.notMatch(await contents(store), 'ada')
})

for (const refusals of ['envelope', 'rfc'] as const) {
  t.test(`changed secret: nobody is asked to connect again, and all goes on with the new one (${refusals})`, async (t) => {
    const stale = watchSecret()
    const { emulator, store, app: old } = await startWorld(t, { appUserId: () => null, onEvent: stale.onEvent })
    emulator.set({ refusals })
    const { auth } = old.miro
    const { clientId, clientSecret } = emulator.app
    const people = [0, 1, 2].map(personOf)
    for (const index of people.keys()) await auth.connect(await exchange(emulator, index), { appUserId: `user-${index}` })
    const leaver = { ...person, teamId: '3458764530000000009' }
    await auth.connect({ ...JSON.parse(await exchange(emulator)) as object, team_id: leaver.teamId })
    emulator.faults.add({ do: 'answer', status: 503, on: 'revoke' })
    t.match(await auth.disconnect(leaver), { revoked: false })

    emulator.changeSecret('the-new-secret')
    for (const ref of people) await t.resolves(auth.accessToken(ref), 'a token works until it is over')
    emulator.clock.advance(hour)
    const met = new Set<string>()
    for (const ref of [...people, ...people]) {
      await auth.accessToken(ref).catch((error: { code: string }) => met.add(error.code))
    }
    t.same([...met].filter((code) => code !== 'MIRO_CONFIG' && code !== 'MIRO_UNAVAILABLE'), [], 'nobody is asked to connect again')
    t.equal(stale.isRefused(), true, 'the breaker is open')
    emulator.clock.advance(hour)
    t.equal(await checkSecret(auth, stale.isRefused), 'refused', 'a process that was left out')

    const { onEvent, isRefused } = watchSecret()
    const next = createMiroAuth({
      clientId,
      clientSecret: ['the-new-secret', clientSecret],
      store,
      clock: emulator.clock,
      endpoints: { apiUrl: emulator.apiUrl },
      onEvent
    })
    t.equal(await checkSecret(next, isRefused), 'works')
    for (const ref of people) await t.resolves(next.accessToken(ref))
    const { grants } = await next.allGrants()
    t.same(grants.map(({ state, reason }) => [state, reason]), people.map(() => ['active', null]))
    t.match(await next.refreshDue(), { revocationsPending: 0 }, 'what was sealed under the old secret was revoked')
  })
}
