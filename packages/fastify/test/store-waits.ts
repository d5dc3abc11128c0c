import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { fastifyMiro, memoryStore, type FastifyMiroOptions, type Store } from '../src/index.js'
import { signInAs } from '../src/testing/index.js'
import Fastify, { type FastifyInstance } from 'fastify'
import { cookieSecret, redirectUri } from './fixtures/world.js'

const tokens = { accessToken: 'token-1', refreshToken: 'refresh-1', expiresInMs: 3_600_000 }
const acme = { userId: '1', teamId: '10', tokens }
const harbour = { userId: '1', teamId: '20', tokens: { ...tokens, accessToken: 'token-2' } }

/** A store that answers, as one over a network, all reads of a turn together, and counts how often it is waited for. */
function countingStore (inner: Store): Store & { waits: number, reads: number } {
  let answered: Promise<void> | null = null
  const counted = {
    ...inner,
    waits: 0,
    reads: 0,
    async get (key: string) {
      counted.reads++
      if (answered === null) {
        counted.waits++
        answered = setImmediate().then(() => { answered = null })
      }
      await answered
      return inner.get(key)
    }
  }
  return counted
}

/** An app on a store, beside others on the same: each remembers for itself. */
async function createApp (t: Test, store: Store, options: Partial<FastifyMiroOptions> = {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyMiro, { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret, store, ...options })
  app.get('/token', async (request) => request.miro.accessToken())
  app.get('/grants', async (request) => (await request.miro.grants()).map(({ teamId }) => teamId))
  app.get('/of/:teamId', async (request) => {
    return request.miro.for({ userId: '1', ...request.params as { teamId: string } }).accessToken()
  })
  await app.ready()
  return app
}

const appUserId: FastifyMiroOptions['appUserId'] = () => 'ann'

t.test('connect: link and grant are read in one wait, once the grant is known, by token(), grants() and for()', async (t) => {
  const store = countingStore(memoryStore())
  const app = await createApp(t, store, { appUserId })
  await signInAs(app, { ...acme, appUserId: 'ann' })
  await signInAs(app, { ...harbour, appUserId: 'ann' })
  const costOf = async (url: string): Promise<{ waits: number, reads: number, body: string }> => {
    Object.assign(store, { waits: 0, reads: 0 })
    const { body } = await app.inject(url)
    return { waits: store.waits, reads: store.reads, body }
  }
  t.match(await costOf('/token'), { waits: 2, reads: 2, body: 'token-2' }, 'a process learns it')
  t.match(await costOf('/token'), { waits: 1, reads: 2, body: 'token-2' })
  t.match(await costOf('/grants'), { waits: 1, reads: 3, body: '["20","10"]' })
  t.match(await costOf('/of/10'), { waits: 1, reads: 2, body: 'token-1' })
  t.match(await costOf('/of/99'), { waits: 1, reads: 1, body: /MIRO_NOT_CONNECTED/ }, 'what a request names is not read')
})

t.test('connect: what another process links, unlinks or ends is seen at the next request', async (t) => {
  const store = countingStore(memoryStore())
  const app = await createApp(t, store, { appUserId })
  const other = await createApp(t, store, { appUserId })
  const token = async (): Promise<string> => (await app.inject('/token')).body
  await signInAs(other, { ...acme, appUserId: 'ann' })
  for (let call = 0; call < 2; call++) t.equal(await token(), 'token-1')

  await signInAs(other, { ...harbour, appUserId: 'ann' })
  t.equal(await token(), 'token-2', 'a newer link')
  t.equal(await token(), 'token-2')
  await other.miro.auth.unlink('ann', harbour)
  t.equal(await token(), 'token-1', 'the newer one is gone')
  t.equal(await token(), 'token-1')

  await other.miro.auth.disconnect(acme)
  t.match(await token(), /MIRO_NOT_CONNECTED/, 'a grant that ended')
  await signInAs(other, { ...acme, tokens: { ...tokens, accessToken: 'token-3' }, appUserId: 'ann' })
  t.equal(await token(), 'token-3', 'connected anew, under another consent')
})

t.test('connect: a grant that is connected anew while its links are read is served by the new one, and never by the old', async (t) => {
  const inner = memoryStore()
  let whileLinksAreRead: (() => Promise<unknown>) | null = null
  const store: Store = {
    ...inner,
    async get (key) {
      const change = key.startsWith('miro:link:') ? whileLinksAreRead : null
      whileLinksAreRead = change === null ? whileLinksAreRead : null
      await change?.()
      return inner.get(key)
    }
  }
  const app = await createApp(t, store, { appUserId })
  const other = await createApp(t, inner, { appUserId })
  await signInAs(app, { ...acme, appUserId: 'ann' })
  t.equal((await app.inject('/token')).body, 'token-1')
  whileLinksAreRead = async () => {
    await other.miro.auth.disconnect(acme)
    await signInAs(other, { ...acme, tokens: { ...tokens, accessToken: 'token-3' }, appUserId: 'ann' })
  }
  t.equal((await app.inject('/token')).body, 'token-3')
})

t.test('sign-in: link, grant and index of sessions are read in one wait, and once more what links at the same time may change', async (t) => {
  const store = countingStore(memoryStore())
  const app = await createApp(t, store)
  for (let signIn = 0; signIn < 2; signIn++) {
    Object.assign(store, { waits: 0, reads: 0 })
    await signInAs(app, acme)
    // Of the second one the session of the first is read too.
    t.match(store, { waits: 3 + signIn, reads: 6 + signIn })
  }
})

t.test('sign-in: session and grant are read in one wait, and what another process ends is seen at the next request', async (t) => {
  const store = countingStore(memoryStore())
  const [app, other] = [await createApp(t, store), await createApp(t, store)]
  const cookies = await signInAs(app, acme)
  const ask = async (): Promise<string> => (await app.inject({ url: '/token', cookies })).body
  for (let call = 0; call < 2; call++) {
    Object.assign(store, { waits: 0, reads: 0 })
    t.equal(await ask(), 'token-1')
    t.match(store, { waits: 1, reads: 2 })
  }
  t.equal(await other.miro.endSessions(acme), 1)
  t.match(await ask(), /MIRO_NOT_CONNECTED/)
  t.match(await ask(), /MIRO_NOT_CONNECTED/)
})
