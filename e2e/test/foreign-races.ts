import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import type { Fetch, MiroAuth } from '@miro-oauth/core'
import t, { type Test } from 'tap'
import type { Gate } from './fixtures/foreign/gate.js'
import { ada } from './fixtures/foreign/people.js'
import { PlainClient } from './fixtures/foreign/plain-client.js'
import type { ForeignProvider } from './fixtures/foreign/provider.js'
import { startForeignScene } from './fixtures/foreign/scene.js'

// oidc-provider ends the whole grant when a refresh token comes a second time. Whatever races here, that must not
// happen.

const hour = 3_600_000
const ageWhenDue = 0.92 * hour
const leaseMs = 120_000
const secondSightMs = 3000

for (const rotation of ['kills', 'spares'] as const) {
  t.test(`where rotation ${rotation} the old access token`, async (t) => {
    for (const [processes, words] of [[1, 'one process'], [4, 'four processes']] as const) {
      t.test(`a hundred callers in ${words}, five expiries in a row: one refresh each`, async (t) => {
        const { provider, advance, start, signIn } = await startForeignScene(t, { rotation })
        await signIn()
        const fleet = start(processes)
        for (let expiry = 1; expiry <= 5; expiry++) {
          advance(hour)
          const tokens = await Promise.all(hundred(fleet, (auth) => auth.accessToken(ada)))
          t.equal(new Set(tokens).size, 1)
          t.equal(await provider.statusOf(tokens[0] ?? ''), 200)
          t.equal(refreshesOf(provider), expiry)
        }
        unharmed(t, provider)
      })
    }

    t.test('a hundred calls in four processes while the pair is due: one refresh, and all are answered', async (t) => {
      const { provider, advance, start, signIn } = await startForeignScene(t, { rotation })
      await signIn()
      advance(ageWhenDue)
      await Promise.all(hundred(start(4), (auth) => auth.client(ada).boards.list()))
      t.equal(refreshesOf(provider), 1)
      unharmed(t, provider)
    })

    t.test('a call that is on its way when another process rotates the pair is answered without a further refresh', async (t) => {
      const { app, provider, advance, another, signIn } = await startForeignScene(t, { rotation })
      await signIn()
      const road = provider.gates.create()
      const slow = another({
        fetch: async (url, init) => {
          if (url.endsWith('/v2/boards')) await road.pass()
          return fetch(url, init)
        }
      })
      const answer = slow.client(ada).boards.list()
      await road.reached
      advance(ageWhenDue)
      await app.miro.auth.accessToken(ada)
      road.open()
      t.match(await answer, { total: 1 })
      t.equal(refreshesOf(provider), 1)
      unharmed(t, provider)
    })

    t.test('access tokens that end before their time: a hundred calls in four processes make one refresh', async (t) => {
      const { provider, start, signIn } = await startForeignScene(t, { rotation })
      await signIn()
      provider.records.endAccessTokens()
      await Promise.all(hundred(start(4), (auth) => auth.client(ada).boards.list()))
      t.equal(refreshesOf(provider), 1)
      unharmed(t, provider)
    })

    t.test('a client that refreshes twice does lose its grant', async (t) => {
      const { provider, toCallback } = await startForeignScene(t, { rotation })
      const plain = new PlainClient(provider)
      const first = (await plain.exchange(await toCallback())).body
      const second = await plain.refresh(first['refresh_token'])
      t.equal(second.status, 200)
      t.equal(await provider.statusOf(String(first['access_token'])), rotation === 'kills' ? 401 : 200)
      t.equal(await provider.statusOf(String(second.body['access_token'])), 200)

      t.match(await plain.refresh(first['refresh_token']), { status: 400, body: { error: 'invalid_grant' } })
      t.same(provider.refused, ['invalid_grant: refresh token already used'])
      t.equal(await provider.statusOf(String(second.body['access_token'])), 401)
      t.equal((await plain.refresh(second.body['refresh_token'])).status, 400)
      t.notOk(provider.hasGrant(ada))
    })

    t.test('so does one that refreshes twice in the same turn', async (t) => {
      const { provider, toCallback } = await startForeignScene(t, { rotation })
      const plain = new PlainClient(provider)
      const { body: { refresh_token: token } } = await plain.exchange(await toCallback())
      const gates = [provider.gates.stopNext('before'), provider.gates.stopNext('before')]
      const asking = [plain.refresh(token), plain.refresh(token)]
      await Promise.all(gates.map(({ reached }) => reached))
      for (const gate of gates) gate.open()
      const answers = await Promise.all(asking)
      t.same(answers.map(({ status }) => status).sort(), [200, 400])
      t.equal(provider.records.lostRaces, 1, 'both found it unused, and one of them lost')
      const winner = answers.find(({ status }) => status === 200)
      t.equal(await provider.statusOf(String(winner?.body['access_token'])), 401)
      t.notOk(provider.hasGrant(ada))
    })
  })
}

t.test('a hundred requests at once, when the hour is over: one refresh', async (t) => {
  const { url, provider, visitor, advance, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const answers = await Promise.all(Array.from({ length: 100 }, () => visitor.get(`${url}/boards`)))
  t.same(answers.map(({ status }) => status), Array(100).fill(200))
  t.equal(refreshesOf(provider), 1)
  unharmed(t, provider)
})

t.test('an answer that is lost after the rotation ends in REAUTHORIZE, and a new connect heals', async (t) => {
  const { url, app, provider, visitor, advance, another, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const gate = provider.gates.stopNext('after')
  const hasty = another({ refresh: { callerMs: 200 } }).accessToken(ada)
  const toldLater = t.rejects(hasty, { code: 'MIRO_UNAVAILABLE' }, 'nobody knows yet what became of it')
  await gate.reached
  await toldLater
  const patient = visitor.json(`${url}/boards`)
  gate.cut()

  t.match(await patient, { code: 'MIRO_REAUTHORIZE', loginUrl: '/auth/miro/login' })
  await t.rejects(app.miro.auth.accessToken(ada), { code: 'MIRO_REAUTHORIZE', reason: 'response_lost' })
  t.equal(refreshesOf(provider), 1)
  t.same(provider.refused, ['invalid_grant: refresh token already used'], 'asked once more, and never again')
  await signIn()
  t.match(await visitor.json(`${url}/boards`), { total: 1 })
})

t.test('an answer that is lost before the rotation is noticed by nobody', async (t) => {
  const { url, provider, visitor, advance, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const gate = provider.gates.stopNext('before')
  const answer = visitor.json(`${url}/boards`)
  await gate.reached
  gate.cut()
  t.match(await answer, { total: 1 })
  t.equal(refreshesOf(provider), 1)
  unharmed(t, provider)
})

t.test('a late answer: the hasty are told to come back, the patient and the other processes get the pair', async (t) => {
  const { app, provider, advance, another, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const gate = provider.gates.stopNext('after')
  const first = another({ refresh: { callerMs: 1000 } })
  const toldLater = t.rejects(first.accessToken(ada), { code: 'MIRO_UNAVAILABLE' })
  await gate.reached
  const patient = app.miro.auth.accessToken(ada)
  await toldLater
  // However long it takes within the lease, and whoever looks twice meanwhile, nobody takes over.
  advance(leaseMs / 2)
  await delay(300)
  gate.open()
  t.equal(await patient, await first.accessToken(ada))
  t.equal(await provider.statusOf(await patient), 200)
  t.equal(refreshesOf(provider), 1)
  unharmed(t, provider)
})

t.test('a process that stops between lease and request is taken over, once', async (t) => {
  const { provider, advance, another, start, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const road = provider.gates.create()
  const itsCaller = another({ fetch: stoppedAt(road) }).accessToken(ada)
  await road.reached
  advance(leaseMs + 1)
  const heirs = hundred(start(4), (auth) => auth.accessToken(ada))
  await turn()
  advance(secondSightMs)
  const tokens = await Promise.all(heirs)
  road.open()
  t.same(new Set(tokens), new Set([await itsCaller]), 'and if it comes back, it gets what there is')
  t.equal(refreshesOf(provider), 1)
  unharmed(t, provider)
})

t.test('an answer that comes after a takeover is kept: it holds the only pair there is', async (t) => {
  const { provider, advance, another, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const gate = provider.gates.stopNext('after')
  const itsCaller = another().accessToken(ada)
  await gate.reached
  advance(leaseMs + 1)
  const road = provider.gates.create()
  const heirsCaller = another({ fetch: stoppedAt(road) }).accessToken(ada)
  await turn()
  advance(secondSightMs)
  await road.reached
  gate.open()
  t.equal(await provider.statusOf(await itsCaller), 200)
  road.open()
  t.equal(await heirsCaller, await itsCaller)
  t.equal(refreshesOf(provider), 1)
  unharmed(t, provider)
})

for (const place of ['before', 'after'] as const) {
  t.test(`a pause longer than the lease, ${place} the rotation: the grant is lost, nothing loops, and a connect heals`, async (t) => {
    const { app, provider, advance, another, signIn } = await startForeignScene(t)
    await signIn()
    advance(hour)
    const gate = provider.gates.stopNext(place)
    const paused = another().client(ada)
    const itsCaller = paused.boards.list()
    await gate.reached
    advance(leaseMs + 1)
    const heir = app.miro.auth.client(ada)
    const taken = heir.boards.list()
    await turn()
    advance(secondSightMs)
    const [outcome] = await Promise.allSettled([taken])
    gate.open()
    await Promise.allSettled([itsCaller])
    t.equal(outcome.status, place === 'before' ? 'fulfilled' : 'rejected')
    t.notOk(provider.hasGrant(ada), 'two requests with one refresh token')

    for (const client of [heir, paused]) await t.rejects(client.boards.list(), { code: 'MIRO_REAUTHORIZE' })
    const asked = provider.granted.length + provider.refused.length
    for (const client of [heir, paused]) await t.rejects(client.boards.list(), { code: 'MIRO_REAUTHORIZE' })
    t.equal(provider.granted.length + provider.refused.length, asked)
    await signIn()
    t.match(await paused.boards.list(), { total: 1 })
  })

  t.test(`a new connect while a refresh stands ${place} its rotation: the new pair stays`, async (t) => {
    const { app, provider, advance, another, start, signIn } = await startForeignScene(t, { rotation: 'spares' })
    await signIn()
    advance(hour)
    const gate = provider.gates.stopNext(place)
    const caller = another().accessToken(ada)
    await gate.reached
    await signIn()
    const fresh = await app.miro.auth.accessToken(ada)
    gate.open()
    t.equal(await caller, fresh)
    t.equal(await app.miro.auth.accessToken(ada), fresh)
    t.equal(refreshesOf(provider), 1)
    advance(hour)
    t.equal(new Set(await Promise.all(hundred(start(4), (auth) => auth.accessToken(ada)))).size, 1)
    t.equal(refreshesOf(provider), 2)
    unharmed(t, provider)
  })

  for (const [life, age] of [['a valid', ageWhenDue], ['an expired', hour]] as const) {
    t.test(`disconnect with ${life} token while a refresh stands ${place} its rotation: nothing lives on`, async (t) => {
      const { url, provider, visitor, advance, another, signIn } = await startForeignScene(t)
      await signIn()
      advance(age)
      const gate = provider.gates.stopNext(place)
      const refreshing = another()
      const caller = refreshing.accessToken(ada)
      await gate.reached
      t.equal((await visitor.post(`${url}/auth/miro/disconnect`)).status, 303)
      gate.open()
      await t.rejects(caller, { code: 'MIRO_NOT_CONNECTED' })
      await refreshing.close()
      t.notOk(provider.hasGrant(ada))
      t.equal((await visitor.get(`${url}/boards`)).status, 303)
    })
  }
}

/** A hundred callers, spread over processes. */
function hundred<T> (fleet: MiroAuth[], call: (auth: MiroAuth) => Promise<T>): Array<Promise<T>> {
  return Array.from({ length: 100 / fleet.length }, () => fleet.map(call)).flat()
}

function refreshesOf ({ granted }: ForeignProvider): number {
  return granted.filter((type) => type === 'refresh_token').length
}

/** A `fetch` of a process that stops before its request is out. */
function stoppedAt (road: Gate): Fetch {
  return async () => {
    await road.pass()
    throw new Error('The process went on, and its request did not.')
  }
}

/** No token came twice, nothing was refused, and the grant is alive. */
function unharmed (t: Test, { refused, records, hasGrant }: ForeignProvider): void {
  t.same(refused, [])
  t.equal(records.lostRaces, 0)
  t.ok(hasGrant(ada))
}
