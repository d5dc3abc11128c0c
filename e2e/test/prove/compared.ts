import { createEmulator, type Emulator } from '@miro-oauth/emulator'
import { Miro, MiroApi } from '@mirohq/miro-api'
import t, { type Test } from 'tap'
import { startMiroApi } from '../fixtures/peers/miro-api.js'
import { startOauth2 } from '../fixtures/peers/oauth2.js'
import { startOurs } from '../fixtures/peers/ours.js'
import { personName, userId, type Peer } from '../fixtures/peers/peer.js'

// The cells of the README's comparison: the same happens to ours, and to what people use today.

type Starter = (t: Test, emulator: Emulator) => Peer | Promise<Peer>
const ours = '@miro-oauth/core'
const starters: Record<string, Starter> = {
  [ours]: startOurs,
  '@mirohq/miro-api': startMiroApi,
  '@fastify/oauth2 with own storage': (t, emulator) => startOauth2(t, emulator, 'own'),
  '@fastify/oauth2 with @fastify/session': (t, emulator) => startOauth2(t, emulator, 'session')
}

interface Scene {
  emulator: Emulator
  peer: Peer
  refreshes: () => number
}

async function startScene (t: Test, start: Starter, options = {}): Promise<Scene> {
  const emulator = await createEmulator(options)
  t.teardown(() => emulator.close())
  const peer = await start(t, emulator)
  await peer.signIn()
  return { emulator, peer, refreshes: () => emulator.ledger.requests().filter(({ kind }) => kind === 'refresh').length }
}

async function failuresOf (calls: Array<Promise<void>>): Promise<number> {
  return (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected').length
}

function isAlive (emulator: Emulator): boolean {
  return emulator.ledger.live(emulator.person(personName), emulator.miroClock.now()).length > 0
}

for (const [name, start] of Object.entries(starters)) {
  const isOurs = name === ours

  t.test(`compared: ten requests at an expiry, with ${name}`, async (t) => {
    const { peer, refreshes } = await startScene(t, start)
    await peer.call()
    peer.expire()
    const failed = await failuresOf(Array.from({ length: 10 }, () => peer.call()))
    t.same([refreshes(), failed], isOurs ? [1, 0] : [10, 9])
  })

  t.test(`compared: two requests at an expiry where Miro detects reuse, with ${name}`, async (t) => {
    const { emulator, peer } = await startScene(t, start, { rules: { reuse: 'revoke-family' } })
    peer.expire()
    await failuresOf([peer.call(), peer.call()])
    t.equal(isAlive(emulator), isOurs)
  })

  t.test(`compared: the store is down when Miro answers a refresh, with ${name}`, async (t) => {
    const { emulator, peer } = await startScene(t, start)
    peer.expire()
    const answered = emulator.faults.add({ on: 'token', do: 'delay', when: 'after', ms: 50 })
    const call = failuresOf([peer.call()])
    await answered.hit
    peer.outage.isDown = true
    await call
    peer.outage.isDown = false
    peer.expire()
    t.equal(await failuresOf([peer.call()]), isOurs ? 0 : 1)
  })

  t.test(`compared: Miro refuses an access token before its time, with ${name}`, async (t) => {
    const { emulator, peer } = await startScene(t, start)
    emulator.faults.add({ on: '/v2/boards', do: 'answer', status: 401, body: { status: 401, code: 'tokenNotProvided' }, times: 1 })
    t.equal(await failuresOf([peer.call()]), isOurs ? 0 : 1)
  })

  t.test(`compared: twenty calls while the client secret is wrong, with ${name}`, async (t) => {
    const { emulator, peer } = await startScene(t, start)
    const { clientSecret } = emulator.app
    emulator.changeSecret('another-secret')
    peer.expire()
    const before = emulator.log.length
    for (let call = 0; call < 20; call++) await failuresOf([peer.call()])
    const asked = emulator.log.slice(before).filter(({ path }) => path === '/v1/oauth/token').length
    t.equal(asked, isOurs ? 1 : 20)
    emulator.changeSecret(clientSecret)
    t.ok(isAlive(emulator), 'the grant is alive')
  })
}

for (const [name, start] of Object.entries(starters)) {
  t.test(`compared: tokens at rest, with ${name}`, async (t) => {
    const { emulator, peer } = await startScene(t, start)
    peer.expire()
    await peer.call()
    t.ok(peer.texts.size > 0)
    const found = Array.from(peer.texts.values()).flatMap((text) => text.match(/(?<="access_?token":")[^"]+/gi) ?? [])
    t.equal(found.some((token) => emulator.ledger.pairOf(token) !== undefined), name !== ours, 'a reader of the store finds a token')
  })
}

t.test('compared: a callback with a state of another browser, with @mirohq/miro-api', async (t) => {
  const emulator = await createEmulator()
  t.teardown(() => emulator.close())
  const { miro, call } = startMiroApi(t, emulator)
  const callback = new URL(await emulator.authorize(miro.getAuthUrl('of one browser'), emulator.person(personName)))
  callback.searchParams.set('state', 'of another browser')
  const { pathname, search, host } = callback
  await miro.handleAuthorizationCodeRequest(userId, { url: pathname + search, headers: { host } })
  await call()
  t.notMatch([...Reflect.ownKeys(Miro.prototype), ...Reflect.ownKeys(MiroApi.prototype)].join(), /idToken/i, 'it verifies no id token of a panel')
})

for (const kept of ['own', 'session'] as const) {
  t.test(`compared: a callback with a state of another browser, and one that comes twice, with @fastify/oauth2 (${kept})`, async (t) => {
    const emulator = await createEmulator()
    t.teardown(() => emulator.close())
    const { app, toCallback } = await startOauth2(t, emulator, kept)
    const callback = await toCallback()
    t.equal((await app.inject({ ...callback, cookies: {} })).statusCode, 500)
    t.equal((await app.inject(callback)).statusCode, 200)
    t.ok((await app.inject(callback)).statusCode >= 400)
    t.equal(emulator.log.filter(({ path }) => path === '/v1/oauth/token').length, 2, 'the code was sent twice')
    t.notMatch(Object.keys(app.miroOAuth2).join(), /idToken/i, 'it verifies no id token of a panel')
  })
}
