import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import csrf from '@fastify/csrf-protection'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import session from '@fastify/session'
import underPressure from '@fastify/under-pressure'
import { createEmulator } from '@miro-oauth/emulator'
import { pressButton, throughInject, Visitor } from '@miro-oauth/example-shared/testing'
import { fastifyMiro, type FastifyMiroOptions } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { filesOf } from './fixtures/pages.js'

declare module 'fastify' {
  interface Session { userId?: string }
  interface FastifyRequest { signedInAs: string | null }
}

const origin = 'http://localhost:3000'
const redirectUri = `${origin}/auth/miro/callback`
const secret = 'a secret of the tests, and of nothing else'
const ada = { userId: '3458764520000000003', teamId: '3458764530000000003' }

async function createMiro (t: Test): Promise<FastifyMiroOptions> {
  const emulator = await createEmulator({ seed: { app: { redirectUris: [redirectUri] } } })
  t.teardown(() => emulator.close())
  const { app: { clientId, clientSecret }, authorizeUrl, apiUrl, clock } = emulator
  return { clientId, clientSecret, redirectUri, cookieSecret: secret, endpoints: { authorizeUrl, apiUrl }, clock }
}

async function build (t: Test, register: (app: FastifyInstance) => Promise<unknown>): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await register(app)
  return app
}

const visitorOf = (app: FastifyInstance) => new Visitor(origin, throughInject(app))

/** Where Miro sends a visitor back to, who has said yes there. */
async function callbackOf (visitor: Visitor): Promise<string> {
  return pressButton(await visitor.goToMiro('/auth/miro/login?returnTo=/boards'), { ref: ada })
}

t.test('beside other plugins:', async (t) => {
  const miro = await createMiro(t)

  await t.test('the app of the page signs in, shows boards, describes its own routes alone, and logs out', async (t) => {
    const folder = t.testdir({ 'app.js': filesOf('other-plugins.md').get('app.js') ?? '' })
    const page = await import(pathToFileURL(join(folder, 'app.js')).href) as {
      buildApp: (miro: FastifyMiroOptions, secret: string) => Promise<FastifyInstance>
    }
    const app = await page.buildApp(miro, secret)
    t.teardown(() => app.close())
    app.post('/form', async () => 'taken')
    const visitor = visitorOf(app)
    t.equal((await visitor.get(await callbackOf(visitor))).location, `${origin}/boards`)
    const boards = await visitor.get('/boards')
    t.equal(boards.status, 200)
    t.match(boards.headers['content-security-policy'], /form-action 'self'/)
    t.same(Object.keys((app as unknown as { swagger: () => { paths: object } }).swagger().paths).sort(), ['/boards', '/form'])
    t.equal((await app.inject({ method: 'POST', url: '/form' })).statusCode, 403, 'csrf-protection guards it')
    t.equal((await visitor.post('/auth/miro/logout')).status, 303)
    t.equal((await visitor.get('/boards')).status, 303)
  })

  for (const order of ['before', 'after']) {
    await t.test(`@fastify/helmet ${order} the plugin leaves its answers the policy that they have`, async (t) => {
      const app = await build(t, async (app) => {
        if (order === 'before') await app.register(helmet)
        await app.register(fastifyMiro, miro)
        if (order === 'after') await app.register(helmet)
      })
      const { headers } = await app.inject('/auth/miro/login')
      t.equal(headers['content-security-policy'], "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
      t.equal(headers['referrer-policy'], 'no-referrer')
    })
  }

  await t.test('@fastify/rate-limit counts login if it comes first, and a callback that it refused completes later', async (t) => {
    let max = 2
    const app = await build(t, async (app) => {
      await app.register(rateLimit, { max: () => max })
      await app.register(fastifyMiro, miro)
    })
    const visitor = visitorOf(app)
    const callback = await callbackOf(visitor)
    max = 1
    t.equal((await visitor.get(callback)).status, 429)
    max = 100
    t.equal((await visitor.get(callback)).location, `${origin}/boards`)
    const late = await build(t, async (app) => {
      await app.register(fastifyMiro, miro)
      await app.register(rateLimit, { max: 1 })
    })
    for (let request = 0; request < 3; request++) t.equal((await late.inject('/auth/miro/login')).statusCode, 303)
  })

  await t.test('@fastify/under-pressure answers a callback with 503, and the same callback completes later', async (t) => {
    let isHealthy = true
    const app = await build(t, async (app) => {
      await app.register(fastifyMiro, miro)
      await app.register(underPressure, { healthCheck: async () => isHealthy, healthCheckInterval: 5 })
    })
    const until = async (state: boolean) => { while (app.isUnderPressure() !== state) await delay(5) }
    const visitor = visitorOf(app)
    const callback = await callbackOf(visitor)
    isHealthy = false
    await until(true)
    t.equal((await visitor.get(callback)).status, 503)
    isHealthy = true
    await until(false)
    t.equal((await visitor.get(callback)).location, `${origin}/boards`)
  })

  await t.test('@fastify/cookie with a secret, a late hook and options of its own changes no cookie of the plugin', async (t) => {
    const app = await build(t, async (app) => {
      await app.register(cookie, { secret, hook: 'preHandler', parseOptions: { signed: true, path: '/elsewhere', maxAge: 1 } })
      await app.register(fastifyMiro, miro)
    })
    const visitor = visitorOf(app)
    t.equal((await visitor.get(await callbackOf(visitor))).location, `${origin}/boards`)
  })

  await t.test('@fastify/session says who is signed in to the app, before the plugin and after it', async (t) => {
    for (const order of ['before', 'after']) {
      const app = await build(t, async (app) => {
        const sessions = async () => {
          await app.register(cookie)
          await app.register(session, { secret, cookie: { sameSite: 'lax', secure: false } })
        }
        if (order === 'before') await sessions()
        await app.register(fastifyMiro, { ...miro, appUserId: ({ session }) => session.userId ?? null })
        if (order === 'after') await sessions()
        app.get('/enter', async ({ session }) => { session.userId = 'mia' })
      })
      const visitor = visitorOf(app)
      t.equal((await visitor.get('/auth/miro/login')).status, 401)
      await visitor.get('/enter')
      t.equal((await visitor.get(await callbackOf(visitor))).location, `${origin}/boards`)
      t.match(await app.miro.auth.grants('mia'), [ada])
    }
  })

  await t.test('a preHandler hook that says who is signed in counts for guards if it comes before the plugin', async (t) => {
    for (const [order, status] of [['before', 200], ['after', 401]] as const) {
      const app = await build(t, async (app) => {
        app.decorateRequest('signedInAs', null)
        const findPerson = () => app.addHook('preHandler', async (request) => { request.signedInAs = 'mia' })
        if (order === 'before') findPerson()
        await app.register(fastifyMiro, { ...miro, appUserId: ({ signedInAs }) => signedInAs })
        if (order === 'after') findPerson()
        app.get('/guarded', { config: { miro: { required: true } } }, async () => 'shown')
      })
      await signInAs(app, { ...ada, scopes: [], appUserId: 'mia' })
      t.equal((await app.inject('/guarded')).statusCode, status)
    }
  })

  await t.test('@fastify/csrf-protection as a hook for all routes refuses the plugin\'s forms, with a token too', async (t) => {
    const app = await build(t, async (app) => {
      await app.register(cookie, { secret })
      await app.register(csrf)
      app.addHook('preHandler', (request, reply, done) => {
        if (request.method === 'POST') app.csrfProtection(request, reply, done)
        else done()
      })
      await app.register(fastifyMiro, miro)
      app.get('/token', async (_request, reply) => reply.generateCsrf())
    })
    const visitor = visitorOf(app)
    const { body: token } = await visitor.get('/token')
    t.equal((await visitor.post('/auth/miro/logout', { _csrf: token })).status, 403)
  })

  await t.test('@fastify/cors that allows every origin opens none of the plugin\'s forms to another site', async (t) => {
    const app = await build(t, async (app) => {
      await app.register(cors, { origin: true, credentials: true })
      await app.register(fastifyMiro, miro)
    })
    const elsewhere = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }
    t.equal((await visitorOf(app).post('/auth/miro/logout', {}, elsewhere)).status, 403)
    t.equal((await visitorOf(app).post('/auth/miro/disconnect', {}, elsewhere)).status, 403)
  })
})
