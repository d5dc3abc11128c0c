import rateLimit from '@fastify/rate-limit'
import { CodeRejectedError, UnavailableError } from '@miro-oauth/core'
import { createEmulator } from '@miro-oauth/emulator'
import { createFakeClock, type FakeClock } from '@miro-oauth/core/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { fastifyMiro, memoryStore, RateLimitedError, type Store } from '../src/index.js'
import { CodeExchanges } from '../src/flow/code-exchanges.js'
import { clientAddress } from '../src/http/client-address.js'
import { Browser, locationOf } from './fixtures/browser.js'
import { cookieSecret, createWorld, redirectUri, signIn, toCallback, type World } from './fixtures/world.js'

/** A world whose time stands still, or a slow machine would have refused codes forgotten on the way. */
async function createStoppedWorld (t: Test, options: { store?: Store } = {}): Promise<World & { clock: FakeClock }> {
  const clock = createFakeClock()
  return { clock, ...await createWorld(t, { ...options, clock }, {}, { clock }) }
}

/** Begins a flow in a fresh browser, and comes back with a code of one's own making. */
async function comeBackWithMadeUpCode (app: FastifyInstance, headers: Record<string, string> = {}) {
  const stranger = new Browser(app)
  const state = String(locationOf(await stranger.go('/auth/miro/login', headers)).searchParams.get('state'))
  return stranger.go(`/auth/miro/callback?code=made-up&state=${state}`, headers)
}

t.test('rate limit: after 60 refused codes of an address Miro gets one a second, and other people sign in', async (t) => {
  const { app, clock, browser, tokenRequests } = await createStoppedWorld(t, { store: memoryStore({ limit: 100 }) })
  const stranger = { 'x-forwarded-for': '203.0.113.7' }
  for (let attempt = 0; attempt < 60; attempt++) t.equal((await comeBackWithMadeUpCode(app, stranger)).statusCode, 400)
  t.equal(tokenRequests(), 60)

  const refused = await comeBackWithMadeUpCode(app, stranger)
  t.equal(refused.statusCode, 429)
  t.match(refused.headers['retry-after'], /^[12]$/)
  t.match(refused.body, 'There were too many attempts. Wait a minute, and try again.')
  t.match(refused.body, 'MIRO_RATE_LIMITED')
  t.equal(tokenRequests(), 60, 'Miro was not asked')

  t.equal((await signIn(browser())).statusCode, 303, 'another address signs in')
  clock.jump(2000)
  t.equal((await comeBackWithMadeUpCode(app, stranger)).statusCode, 400, 'and so may the same one, a second later')
})

t.test('rate limit: a flow that it refused is not spent, and its person signs in when they try again', async (t) => {
  const { app, clock, browser } = await createStoppedWorld(t)
  const person = browser()
  const callback = await toCallback(person)
  for (let attempt = 0; attempt < 60; attempt++) await comeBackWithMadeUpCode(app)
  t.equal((await person.go(callback)).statusCode, 429)
  clock.jump(2000)
  t.equal((await person.go(callback)).statusCode, 303)
})

t.test('rate limit: many callbacks at once bring Miro few codes that it refuses', async (t) => {
  const { app, tokenRequests } = await createStoppedWorld(t)
  const answers = await Promise.all(Array.from({ length: 200 }, () => comeBackWithMadeUpCode(app)))
  t.ok(answers.every(({ statusCode }) => statusCode === 400 || statusCode === 429))
  t.ok(tokenRequests() < 60 + 32 + 5, 'those that were under way when the limit was reached are the only ones more')
})

t.test('exchanges: 32 run at once, the others in their order, and none waits for ever', async (t) => {
  const clock = createFakeClock()
  const exchanges = new CodeExchanges({ clock, exchangesAtOnce: 32 })
  const ends: Array<() => void> = []
  const begun: number[] = []
  const run = (number: number) => exchanges.run(`client ${number}`, () => new Promise<number>((resolve) => {
    begun.push(number)
    ends.push(() => { resolve(number) })
  }))
  const first = Array.from({ length: 34 }, (_, number) => run(number))
  await Promise.resolve()
  t.equal(begun.length, 32)
  ends.shift()?.()
  ends.shift()?.()
  t.same(await Promise.all(first.slice(0, 2)), [0, 1])
  await clock.advance(0)
  t.same(begun.slice(-2), [32, 33], 'those that waited, in their order')

  const late = t.rejects(run(34), UnavailableError)
  await clock.advance(8000)
  await late
  for (const end of ends) end()
  await Promise.all(first.slice(2))
  t.equal(await exchanges.run('someone', async () => 'free'), 'free', 'and every place is free again')
})

t.test('exchanges: one client has half of the places at most, and another one is not behind it in line', async (t) => {
  const exchanges = new CodeExchanges({ clock: createFakeClock(), exchangesAtOnce: 32 })
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => { open = resolve })
  let held = 0
  const stranger = Array.from({ length: 400 }, () => exchanges.run('stranger', async () => {
    held++
    await gate
  }).catch(() => {}))
  await Promise.resolve()
  t.equal(held, 16)
  t.equal(await exchanges.run('honest', async () => 'signed in'), 'signed in')
  open()
  await Promise.all(stranger)
  t.equal(held, 400, 'those that waited have had their turn')
})

t.test('exchanges: a failure that is not a refused code counts for nothing', async (t) => {
  const exchanges = new CodeExchanges({ clock: createFakeClock(), exchangesAtOnce: 32 })
  for (let attempt = 0; attempt < 200; attempt++) {
    await t.rejects(exchanges.run('office', async () => { throw new UnavailableError() }), UnavailableError)
  }
  for (let attempt = 0; attempt < 60; attempt++) {
    await t.rejects(exchanges.run('office', async () => { throw new CodeRejectedError() }), CodeRejectedError)
  }
  await t.rejects(exchanges.run('office', async () => 'signed in'), RateLimitedError)
  t.equal(await exchanges.run('another', async () => 'signed in'), 'signed in')
})

t.test('exchanges: a stranger with ever new addresses takes no more memory than ten thousand of them', async (t) => {
  const exchanges = new CodeExchanges({ clock: createFakeClock(), exchangesAtOnce: 32 })
  for (let attempt = 0; attempt < 60; attempt++) {
    await exchanges.run('first', async () => { throw new CodeRejectedError() }).catch(() => {})
  }
  t.throws(() => { exchanges.requireRoom('first') }, RateLimitedError)
  for (let address = 0; address < 10_000; address++) {
    await exchanges.run(String(address), async () => { throw new CodeRejectedError() }).catch(() => {})
  }
  t.doesNotThrow(() => { exchanges.requireRoom('first') }, 'the oldest is forgotten')
})

t.test('client address: the network of an IPv6 address, and what the proxy next to the app wrote', async (t) => {
  const of = (ip: string, forwarded?: string): string => clientAddress({ ip, headers: { 'x-forwarded-for': forwarded } })
  t.equal(of('192.0.2.1'), of('192.0.2.1'))
  t.not(of('192.0.2.1'), of('192.0.2.2'))
  t.equal(of('2001:db8:1:2:3:4:5:6'), of('2001:db8:1:2::9'), 'one network')
  t.not(of('2001:db8:1:2::9'), of('2001:db8:1:3::9'))
  t.not(of('::ffff:192.0.2.1'), of('::ffff:192.0.2.2'), 'IPv4 on a socket for both')
  t.equal(of('::ffff:192.0.2.1'), of('192.0.2.1'))
  t.equal(clientAddress({ ip: '192.0.2.1', ips: ['10.0.0.1', '192.0.2.1'], headers: { 'x-forwarded-for': 'x' } }), '192.0.2.1', 'what trustProxy found is enough')
  t.equal(of('10.0.0.1', 'made up, 192.0.2.1'), of('10.0.0.1', 'other, 192.0.2.1'), 'what a client wrote itself says nothing')
  t.not(of('10.0.0.1', '192.0.2.1'), of('10.0.0.1', '192.0.2.2'), 'a proxy that the app does not name has many clients')
})

/** An app whose host limits requests before it registers the plugin. */
async function createLimitedApp (t: Test, limit: (app: FastifyInstance) => Promise<unknown>): Promise<FastifyInstance> {
  const emulator = await createEmulator({ seed: { app: { redirectUris: [redirectUri] } } })
  const app = Fastify()
  t.teardown(async () => { await app.close(); await emulator.close() })
  await limit(app)
  await app.register(fastifyMiro, {
    clientId: emulator.app.clientId,
    clientSecret: emulator.app.clientSecret,
    redirectUri,
    cookieSecret,
    endpoints: { authorizeUrl: emulator.authorizeUrl, apiUrl: emulator.apiUrl }
  })
  app.get('/', async () => 'home')
  return app
}

t.test('@fastify/rate-limit: a global limit of the host holds on our routes', async (t) => {
  const app = await createLimitedApp(t, async (app) => app.register(rateLimit, { max: 2, timeWindow: 60_000 }))
  const statuses = []
  for (let attempt = 0; attempt < 3; attempt++) statuses.push((await app.inject('/auth/miro/login')).statusCode)
  t.same(statuses, [303, 303, 429])
  const refused = await app.inject('/auth/miro/callback?code=planted-code&state=planted-state')
  t.equal(refused.statusCode, 429)
  t.notMatch(refused.body, 'planted')
})

t.test('@fastify/rate-limit: the host limits one of our routes by its name, and no other', async (t) => {
  const app = await createLimitedApp(t, async (app) => {
    app.addHook('onRoute', (route) => {
      if (route.config?.miro?.route === 'callback') route.config.rateLimit = { max: 1, timeWindow: 60_000 }
    })
    await app.register(rateLimit, { global: false })
  })
  const callback = '/auth/miro/callback?code=planted-code&state=planted-state'
  t.equal((await app.inject(callback)).statusCode, 400)
  const refused = await app.inject(callback)
  t.equal(refused.statusCode, 429)
  t.notMatch(refused.body, 'planted')
  for (let attempt = 0; attempt < 3; attempt++) t.equal((await app.inject('/auth/miro/login')).statusCode, 303)
})

t.test('rate limit: the line of exchanges has an end, beyond which a callback is told at once to come again', async (t) => {
  const exchanges = new CodeExchanges({ clock: createFakeClock(), exchangesAtOnce: 1 })
  const never = () => new Promise<never>(() => {})
  for (let index = 0; index <= 1000; index++) exchanges.run(`client ${index}`, never).catch(() => {})
  await t.rejects(exchanges.run('one more', never), { code: 'MIRO_UNAVAILABLE' })
})
