import { performance } from 'node:perf_hooks'
import Fastify from 'fastify'

/** What an app imports and registers, by the name of the row. Nothing of it is loaded before it is measured. */
const ways: Readonly<Record<string, () => Promise<void>>> = {
  async oauth2 () {
    const app = Fastify()
    await app.register((await import('@fastify/oauth2')).default, oauth2Options)
    await app.ready()
  },
  async 'oauth2-session' () {
    const app = Fastify()
    await app.register((await import('@fastify/cookie')).default)
    await app.register((await import('@fastify/session')).default, { secret: 'a secret with minimum length of 32 characters' })
    await app.register((await import('@fastify/oauth2')).default, oauth2Options)
    await app.ready()
  },
  async miro () {
    const app = Fastify()
    const { fastifyMiro } = await import('@miro-oauth/fastify')
    await app.register(fastifyMiro, miroOptions)
    await app.ready()
  },
  async core () {
    const { createMiroAuth, memoryStore } = await import('@miro-oauth/core')
    createMiroAuth({ clientId: '3458764500000000001', clientSecret: 'a-client-secret-of-the-benchmarks', store: memoryStore() })
  },
  async 'miro-api' () {
    const { Miro } = await import('@mirohq/miro-api')
    // eslint-disable-next-line no-new
    new Miro({
      clientId: '3458764500000000001',
      clientSecret: 'secret',
      redirectUrl: 'http://localhost:3000/callback',
      storage: { get: async () => undefined, set: async () => {} }
    })
  }
}

const oauth2Options = {
  name: 'miroOAuth2',
  credentials: {
    client: { id: '3458764500000000001', secret: 'secret' },
    auth: {
      authorizeHost: 'https://miro.com', authorizePath: '/oauth/authorize', tokenHost: 'https://api.miro.com', tokenPath: '/v1/oauth/token'
    }
  },
  startRedirectPath: '/login',
  callbackUri: 'http://localhost:3000/callback'
}

const miroOptions = {
  clientId: '3458764500000000001',
  clientSecret: 'a-client-secret-of-the-benchmarks',
  redirectUri: 'http://localhost:3000/auth/miro/callback',
  cookieSecret: 'a cookie secret of at least 32 characters'
}

const way = ways[process.argv[2] ?? '']
if (way === undefined) throw new Error('There is no such way to start.')
// An app has loaded Fastify in any case, and used it once.
await Fastify().ready()
const before = process.cpuUsage()
const startedAt = performance.now()
await way()
const elapsedMs = performance.now() - startedAt
const { user, system } = process.cpuUsage(before)
process.stdout.write(JSON.stringify({ elapsedMs, cpuMs: (user + system) / 1000 }))
process.exit()
