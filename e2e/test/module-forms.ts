import { once } from 'node:events'
import { connect } from 'node:http2'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import fastifyMiroByDefault, * as everything from '@miro-oauth/fastify'
import { fastifyMiro } from '@miro-oauth/fastify'
import Fastify from 'fastify'
import t from 'tap'

const require = createRequire(import.meta.url)

const options = {
  clientId: '3074457345618265000',
  clientSecret: 'a-secret',
  redirectUri: 'http://localhost:3000/auth/miro/callback',
  cookieSecret: 'a secret of the tests, and of nothing else'
}

const forms = {
  'the named export': fastifyMiro,
  'the default export': fastifyMiroByDefault,
  'import()': import('@miro-oauth/fastify'),
  'the namespace of import *': everything,
  'require()': require('@miro-oauth/fastify')
}

for (const [name, plugin] of Object.entries(forms)) {
  t.test(`register: it takes ${name}`, async (t) => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(plugin, options)
    t.match(app.miro.loginUrl(), '/auth/miro/login')
    t.equal((await app.inject('/auth/miro/login')).statusCode, 303)
  })
}

t.test('register: import() refuses wrong options as the named export does', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close().catch(() => {}))
  await t.rejects(async () => { await app.register(import('@miro-oauth/fastify'), { ...options, clientId: '' }) }, { code: 'MIRO_CONFIG', message: /clientId/ })
})

t.test('guard: requireGrant on an http2 server sends a page to login', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(fastifyMiro, options)
  app.get('/boards', { preHandler: app.miro.requireGrant }, (request) => request.miro.boards.list())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  t.teardown(() => session.close())
  const request = session.request({ ':path': '/boards', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' })
  const [headers] = await once(request, 'response') as [Record<string, string>]
  t.match(headers, { ':status': 303, location: /\/auth\/miro\/login\?returnTo=%2Fboards$/ })
  request.close()
})
