import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import type { Fetch, MiroAuth } from '@miro-oauth/core'
import t, { type Test } from 'tap'
import type { Gate } from '../fixtures/foreign/gate.js'
import { ada } from '../fixtures/foreign/accounts.js'
import { PlainClient } from '../fixtures/foreign/plain-client.js'
import type { ForeignProvider } from '../fixtures/foreign/provider.js'
import { startForeignScene } from '../fixtures/foreign/scene.js'

// oidc-provider detects the reuse of a refresh token and ends the whole grant. No race below may cause that.

const hour = 3_600_000
const ageWhenDue = 0.92 * hour
const leaseMs = 120_000
const confirmExpiryMs = 3000

for (const rotation of ['kills', 'spares'] as const) {
  t.test(`refresh: where rotation ${rotation} the old access token,`, async (t) => {
    for (const [processes, fleetName] of [[1, 'one process'], [4, 'four processes']] as const) {
      t.test(`a hundred callers in ${fleetName} make one refresh per expiry`, async (t) => {
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
        assertUnharmed(t, provider)
      })
    }

    t.test('a hundred calls in four processes make one refresh of a due pair, and all succeed', async (t) => {
      const { provider, advance, start, signIn } = await startForeignScene(t, { rotation })
      await signIn()
      advance(ageWhenDue)
      await Promise.all(hundred(start(4), (auth) => auth.client(ada).boards.list()))
      t.equal(refreshesOf(provider), 1)
      assertUnharmed(t, provider)
    })

    t.test('a call on its way while another process rotates the pair succeeds without another refresh', async (t) => {
      const { app, provider, advance, another, signIn } = await startForeignScene(t, { rotation })
      await signIn()
      const sendGate = provider.gates.create()
      const slow = another({
        fetch: async (url, init) => {
          if (url.endsWith('/v2/boards')) await sendGate.pass()
          return fetch(url, init)
        }
      })
      const answer = slow.client(ada).boards.list()
      await sendGate.reached
      advance(ageWhenDue)
      await app.miro.auth.accessToken(ada)
      sendGate.open()
      t.match(await answer, { total: 1 })
      t.equal(refreshesOf(provider), 1)
      assertUnharmed(t, provider)
    })

    t.test('a hundred calls in four processes make one refresh of a token that ended early', async (t) => {
      const { provider, start, signIn } = await startForeignScene(t, { rotation })
      await signIn()
      provider.records.endAccessTokens()
      await Promise.all(hundred(start(4), (auth) => auth.client(ada).boards.list()))
      t.equal(refreshesOf(provider), 1)
      assertUnharmed(t, provider)
    })

    t.test('a plain client that sends a refresh token twice loses its grant', async (t) => {
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

    t.test('a plain client that sends a refresh token twice at once loses its grant', async (t) => {
      const { provider, toCallback } = await startForeignScene(t, { rotation })
      const plain = new PlainClient(provider)
      const { body: { refresh_token: token } } = await plain.exchange(await toCallback())
      const gates = [provider.gates.stopNext('before'), provider.gates.stopNext('before')]
      const asking = [plain.refresh(token), plain.refresh(token)]
      await Promise.all(gates.map(({ reached }) => reached))
      for (const gate of gates) gate.open()
      const answers = await Promise.all(asking)
      t.same(answers.map(({ status }) => status).sort(), [200, 400])
      t.equal(provider.records.lostRaces, 1, 'both requests found the token unused, and one lost the race')
      const winner = answers.find(({ status }) => status === 200)
      t.equal(await provider.statusOf(String(winner?.body['access_token'])), 401)
      t.notOk(provider.hasGrant(ada))
    })
  })
}

t.test('refresh: a hundred requests at once after an hour make one refresh', async (t) => {
  const { url, provider, visitor, advance, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const answers = await Promise.all(Array.from({ length: 100 }, () => visitor.get(`${url}/boards`)))
  t.same(answers.map(({ status }) => status), Array(100).fill(200))
  t.equal(refreshesOf(provider), 1)
  assertUnharmed(t, provider)
})

t.test('refresh: an answer lost after the rotation ends in MIRO_REAUTHORIZE, until the user signs in', async (t) => {
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
  t.same(provider.refused, ['invalid_grant: refresh token already used'], 'the token was sent once more, and then no more')
  await signIn()
  t.match(await visitor.json(`${url}/boards`), { total: 1 })
})

t.test('refresh: an answer lost before the rotation costs only a second request', async (t) => {
  const { url, provider, visitor, advance, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const gate = provider.gates.stopNext('before')
  const answer = visitor.json(`${url}/boards`)
  await gate.reached
  gate.cut()
  t.match(await answer, { total: 1 })
  t.equal(refreshesOf(provider), 1)
  assertUnharmed(t, provider)
})

t.test('refresh: a late answer is MIRO_UNAVAILABLE for a caller that timed out, and serves all others', async (t) => {
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
  assertUnharmed(t, provider)
})

t.test('refresh: the lease of a process that stops before its request is taken over once', async (t) => {
  const { provider, advance, another, start, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const sendGate = provider.gates.create()
  const firstCall = another({ fetch: fetchStoppedAt(sendGate) }).accessToken(ada)
  await sendGate.reached
  advance(leaseMs + 1)
  const laterCalls = hundred(start(4), (auth) => auth.accessToken(ada))
  await turn()
  advance(confirmExpiryMs)
  const tokens = await Promise.all(laterCalls)
  sendGate.open()
  t.same(new Set(tokens), new Set([await firstCall]), 'the stopped process gets the same token later')
  t.equal(refreshesOf(provider), 1)
  assertUnharmed(t, provider)
})

t.test('refresh: an answer that arrives after a take-over is stored, since it holds the only live pair', async (t) => {
  const { provider, advance, another, signIn } = await startForeignScene(t)
  await signIn()
  advance(hour)
  const gate = provider.gates.stopNext('after')
  const firstCall = another().accessToken(ada)
  await gate.reached
  advance(leaseMs + 1)
  const sendGate = provider.gates.create()
  const laterCall = another({ fetch: fetchStoppedAt(sendGate) }).accessToken(ada)
  await turn()
  advance(confirmExpiryMs)
  await sendGate.reached
  gate.open()
  t.equal(await provider.statusOf(await firstCall), 200)
  sendGate.open()
  t.equal(await laterCall, await firstCall)
  t.equal(refreshesOf(provider), 1)
  assertUnharmed(t, provider)
})

for (const place of ['before', 'after'] as const) {
  t.test(`refresh: a pause longer than the lease ${place} the rotation loses the grant, without a loop`, async (t) => {
    const { app, provider, advance, another, signIn } = await startForeignScene(t)
    await signIn()
    advance(hour)
    const gate = provider.gates.stopNext(place)
    const paused = another().client(ada)
    const firstCall = paused.boards.list()
    await gate.reached
    advance(leaseMs + 1)
    const other = app.miro.auth.client(ada)
    const taken = other.boards.list()
    await turn()
    advance(confirmExpiryMs)
    const [outcome] = await Promise.allSettled([taken])
    gate.open()
    await Promise.allSettled([firstCall])
    t.equal(outcome.status, place === 'before' ? 'fulfilled' : 'rejected')
    t.notOk(provider.hasGrant(ada), 'one refresh token was sent twice')

    for (const client of [other, paused]) await t.rejects(client.boards.list(), { code: 'MIRO_REAUTHORIZE' })
    const asked = provider.granted.length + provider.refused.length
    for (const client of [other, paused]) await t.rejects(client.boards.list(), { code: 'MIRO_REAUTHORIZE' })
    t.equal(provider.granted.length + provider.refused.length, asked)
    await signIn()
    t.match(await paused.boards.list(), { total: 1 })
  })

  t.test(`connect: a connect during a refresh, ${place} its rotation, keeps the new pair`, async (t) => {
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
    assertUnharmed(t, provider)
  })

  for (const [tokenState, age] of [['a valid', ageWhenDue], ['an expired', hour]] as const) {
    t.test(`disconnect: with ${tokenState} token, ${place} the rotation of a refresh, no token survives`, async (t) => {
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

/** A hundred calls, spread over the processes. */
function hundred<T> (fleet: MiroAuth[], call: (auth: MiroAuth) => Promise<T>): Array<Promise<T>> {
  return Array.from({ length: 100 / fleet.length }, () => fleet.map(call)).flat()
}

function refreshesOf ({ granted }: ForeignProvider): number {
  return granted.filter((type) => type === 'refresh_token').length
}

/** A `fetch` of a process that stops before it sends its request. */
function fetchStoppedAt (sendGate: Gate): Fetch {
  return async () => {
    await sendGate.pass()
    throw new Error('The process went on, and its request did not.')
  }
}

/** Asserts that no token was sent twice, no request was refused, and the grant is alive. */
function assertUnharmed (t: Test, { refused, records, hasGrant }: ForeignProvider): void {
  t.same(refused, [])
  t.equal(records.lostRaces, 0)
  t.ok(hasGrant(ada))
}
