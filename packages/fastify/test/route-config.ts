import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { fastifyMiro, type FastifyMiroOptions } from '../src/index.js'
import { cookieSecret, redirectUri } from './fixtures/world.js'

const options: FastifyMiroOptions = { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret }
const secondOptions: FastifyMiroOptions = { ...options, decorator: 'second', redirectUri: 'http://localhost:3000/second/callback' }

/** What ends the start of an app: the message, or `null` where it starts. */
async function startFailure (t: Test, prepare: (app: FastifyInstance) => unknown, server: object = {}): Promise<{ code?: string, message?: string } | null> {
  const app = Fastify(server)
  t.teardown(() => app.close())
  try {
    await app.register(fastifyMiro, options)
    await prepare(app)
    await app.ready()
    return null
  } catch (error) {
    return error as Error
  }
}

/** Anything may stand in a host's config, whatever the types say. */
const withConfig = (miro: unknown): object => ({ config: { miro } })

const wrong: Array<[field: string, config: unknown]> = [
  ['required', { required: 'true' }], ['required', { required: 1 }], ['required', { required: {} }], ['required', { required: null }],
  ['required', { required: undefined }], ['required', { required: Object(true) }], ['required', { required: [] }], ['required', {}],
  ['required', { app: 'miro' }], ['required', Object.create({ required: true })], ['require', { require: true }],
  ['Required', { Required: true }], ['scopes', { required: true, scopes: ['boards:read'] }], ['requiredScopes', { required: true, requiredScopes: [7] }],
  ['object', true], ['object', 'required'], ['object', 1], ['object', null], ['object', ['required']], ['object', () => true],
  ['app', { required: true, app: '' }], ['app', { required: true, app: null }], ['app', { required: true, app: 7 }], ['app', { required: true, app: ['miro'] }],
  ['app', { required: false, app: 7 }], ['route', { route: 'login' }], ['route', { required: true, route: 'login' }]
]

t.test('config.miro: whatever is not plainly understood ends the start, and names the route', async (t) => {
  for (const [field, config] of wrong) {
    const failure = await startFailure(t, (app) => app.get('/secret/:id', withConfig(config), async () => 'secret'))
    t.match(failure, { code: 'MIRO_CONFIG', message: new RegExp(`GET /secret/:id: .*config\\.miro.*\\b${field}\\b`) }, JSON.stringify(config))
  }
})

t.test('config.miro: a name of no registration ends the start, though another plugin has a decorator by it', async (t) => {
  for (const name of ['mirro', 'session', 'body', 'log', 'constructor', 'toString', '__proto__', 'second']) {
    const failure = await startFailure(t, (app) => {
      app.decorate('session', { of: 'another plugin' })
      app.post('/secret', { config: { miro: { required: true, app: name } } }, async () => 'secret')
    })
    t.match(failure, { code: 'MIRO_CONFIG', message: /POST \/secret: .*config\.miro\.app names no registration/ }, name)
  }
  const inSibling = await startFailure(t, async (app) => {
    await app.register(async (scope) => { await scope.register(fastifyMiro, secondOptions) })
    app.get('/secret', { config: { miro: { required: true, app: 'second' } } }, async () => 'secret')
  })
  t.match(inSibling, { message: /GET \/secret/ }, 'a registration of another scope is none here')
})

t.test('config.miro: routes of every kind are checked', async (t) => {
  const routes: Array<[name: string, prepare: (app: FastifyInstance) => unknown, message: RegExp, server?: object]> = [
    ['in a scope', (app) => app.register(async (scope) => { scope.get('/x', withConfig({ require: true }), async () => '') }, { prefix: '/api' }), /GET \/api\/x: /],
    ['of several methods', (app) => app.route({ method: ['PUT', 'PATCH'], url: '/x', ...withConfig({ required: 1 }), handler: async () => '' }), /PUT, PATCH \/x: /],
    ['HEAD', (app) => app.head('/x', withConfig('true'), async () => ''), /HEAD \/x: /],
    ['with a HEAD twin', (app) => app.get('/x', withConfig([]), async () => ''), /GET \/x: /, { exposeHeadRoutes: true }],
    ['beside config', (app) => app.get('/x', { miro: { required: true } } as object, async () => ''), /GET \/x: .*belongs into config/],
    ['after a second registration', async (app) => {
      await app.register(fastifyMiro, secondOptions)
      app.get('/x', withConfig({ required: 'true', app: 'second' }), async () => '')
    }, /GET \/x: /]
  ]
  for (const [name, prepare, message, server] of routes) t.match(await startFailure(t, prepare, server), { code: 'MIRO_CONFIG', message }, name)
})

t.test('config.miro: what is right starts, whichever registration comes first', async (t) => {
  const app = Fastify({ exposeHeadRoutes: true })
  t.teardown(() => app.close())
  app.get('/before', async () => 'open')
  await app.register(fastifyMiro, options)
  for (const [path, config] of Object.entries({
    '/both': { required: true },
    '/one': { required: true, app: 'miro' },
    '/two': { required: true, app: 'second' },
    '/any': { required: true, app: undefined },
    '/open': { required: false },
    '/plain': undefined
  })) app.get(path, withConfig(config), async () => 'reached')
  await app.register(fastifyMiro, secondOptions)
  await app.ready()
  for (const path of ['/both', '/one', '/two', '/any']) {
    for (const method of ['GET', 'HEAD'] as const) t.equal((await app.inject({ method, url: path })).statusCode, 401, `${method} ${path}`)
  }
  for (const path of ['/open', '/plain', '/before']) t.equal((await app.inject(path)).statusCode, 200, path)
  t.equal((await app.inject('/nowhere')).statusCode, 404)
  for (const path of ['/auth/miro/login', '/auth/second/login']) t.equal((await app.inject({ url: path, headers: { host: 'localhost:3000' } })).statusCode, 303)
})

t.test('config.miro: a wrong one on a route from before the plugin has loaded fails closed at each request', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(fastifyMiro, options)
  const configs = [...wrong.map(([, config]) => config), { required: true, app: 'mirro' }, { required: true, app: 'constructor' }]
  configs.forEach((config, index) => app.get(`/secret/${index}`, withConfig(config), async () => 'secret'))
  for (const [index, config] of configs.entries()) {
    t.match((await app.inject(`/secret/${index}`)).json(), { statusCode: 502, code: 'MIRO_CONFIG' }, JSON.stringify(config))
  }
})
