import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fastifyCookie } from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import * as errors from '../src/index.js'
import {
  encryptedStore, fastifyMiro, memoryStore, MiroError, type AppMiro, type FastifyMiroOptions, type RequestMiro,
  type Store
} from '../src/index.js'
import { Browser, locationOf } from './fixtures/browser.js'
import { authorize, cookieSecret, createWorld, redirectUri, signIn } from './fixtures/world.js'
import { createEmulator } from '@miro-oauth/emulator'

declare module 'fastify' {
  interface FastifyInstance { second: AppMiro }
  interface FastifyRequest { second: RequestMiro }
}

const good: FastifyMiroOptions = { clientId: '1', clientSecret: 'secret', redirectUri, cookieSecret }

async function registrationError (t: {
  teardown: (fn: () => unknown) => void
}, options: object): Promise<{ code?: string, message: string } | null> {
  const app = Fastify()
  t.teardown(() => app.close())
  try {
    await app.register(fastifyMiro, { ...good, ...options })
    await app.ready()
    return null
  } catch (error) {
    return error as { code?: string, message: string }
  }
}

t.test('options: a wrong one fails at registration with MIRO_CONFIG, naming the option and never its value', async (t) => {
  t.equal(await registrationError(t, {}), null)
  const planted = 'planted-value'
  const wrong: Array<[option: string, options: object]> = [
    ['clientId', { clientId: undefined }],
    ['clientId', { clientId: '' }],
    ['clientId', { clientId: `${planted} x` }],
    ['clientSecret', { clientSecret: undefined }],
    ['clientSecret', { clientSecret: `${planted}\n` }],
    ['clientSecret', { clientSecret: `${planted}\u0000` }],
    ['redirectUri', { redirectUri: undefined }],
    ['redirectUri', { redirectUri: `/${planted}` }],
    ['redirectUri', { redirectUri: `http://${planted}.example/callback` }],
    ['redirectUri', { redirectUri: `ftp://localhost/${planted}` }],
    ['redirectUri', { redirectUri: `https://user:${planted}@app.example/callback` }],
    ['redirectUri', { redirectUri: `https://app.example/callback?${planted}=1` }],
    ['redirectUri', { redirectUri: `https://app.example/callback#${planted}` }],
    ['redirectUri', { redirectUri: `https://app.example/:${planted}*` }],
    ['redirectUri', { redirectUri: 'http://localhost:3000/auth/miro/login' }],
    ['redirectUri', { redirectUri: 'http://localhost:3000' }],
    ['redirectUri', { redirectUri: 'http://localhost:3000/' }],
    ['redirectUri', { redirectUri: 'http://localhost:3000//' }],
    ['redirectUri', { redirectUri: 'http://localhost:3000', defaultReturnTo: '/home' }],
    ['redirectUri', { redirectUri: 'http://localhost:3000', defaultReturnTo: '/?page=1' }],
    ['defaultReturnTo', { defaultReturnTo: '/auth/miro/callback' }],
    ['defaultReturnTo', { defaultReturnTo: '/auth/miro/%6cogin' }],
    ['afterLogout', { afterLogout: '/auth/miro/logout' }],
    ['routes', { routes: true }],
    ['routes.error', { routes: { error: `//${planted}` } }],
    ['routes.error', { routes: { error: '/auth/miro/login' } }],
    ['appUserId', { appUserId: planted }],
    ['session', { appUserId: () => planted, session: { idleMs: 60_000 } }],
    ['routes.logout', { appUserId: () => planted, routes: { logout: '/bye' } }],
    ['grant', { grant: planted }],
    ['requiredScopes', { requiredScopes: planted }],
    ['requiredScopes', { requiredScopes: [`${planted} x`] }],
    ['requiredScopes', { requiredScopes: [7] }],
    ['requiredScopes', { requiredScopes: null }],
    ['requiredScopes', { requiredScopes: '' }],
    ['requiredScopes', { requiredScopes: [''] }],
    ['requiredScopes', { requiredScopes: [undefined] }],
    ['requiredScopes', { requiredScopes: [['boards:read']] }],
    ['requiredScopes', { requiredScopes: new Array(2) }],
    ['requiredScopes', { requiredScopes: new Set(['boards:read']) }],
    ['appUserId', { appUserId: null }],
    ['grant', { grant: null }],
    ['onUnauthenticated', { onUnauthenticated: true }],
    ['onUnauthenticated', { onUnauthenticated: 'Error' }],
    ['onUnauthenticated', { onUnauthenticated: ['error'] }],
    ['returnToOrigins', { returnToOrigins: new Array(1) }],
    ['returnToOrigins', { returnToOrigins: planted }],
    ['returnToOrigins', { returnToOrigins: [`https://${planted}.example/path`] }],
    ['returnToOrigins', { returnToOrigins: [`http://${planted}.example`] }],
    ['routes.callback', { routes: { callback: `/${planted}` } }],
    ['routes.login', { routes: { login: `/${planted}?x=1` } }],
    ['routes.login', { routes: { login: `/${planted}/../x` } }],
    ['hooks.onConected', { hooks: { onConected: () => {} } }],
    ['hooks.onConnected', { hooks: { onConnected: planted } }],
    ['session', { session: planted }],
    ['hooks', { hooks: [] }],
    ['onEvent', { onEvent: planted }],
    ['fetch', { fetch: planted }],
    ['clock', { clock: planted }],
    ['clock', { clock: null }],
    ['clock.now', { clock: { now: 5 } }],
    ['refresh.leaseMS', { refresh: { leaseMS: 5 } }],
    ['refresh.callerMs', { refresh: { callerMs: '1' } }],
    ['session.absoluteMs', { session: { absoluteMs: Number.MAX_VALUE } }],
    ['endpoints.apiURL', { endpoints: { apiURL: planted } }],
    ['prefix', { prefix: `/${planted}` }],
    ['appUserID', { appUserID: () => planted }],
    ['cookieSecret', { cookieSecret: undefined }],
    ['cookieSecret', { cookieSecret: planted }],
    ['cookieSecret', { cookieSecret: [] }],
    ...['a', ' ', 'changeme', '0123'].map((part): [string, object] => ['cookieSecret', { cookieSecret: part.repeat(40) }]),
    ['cookieSecret', { cookieSecret: [cookieSecret, 'a'.repeat(40)] }],
    ['cookieSecret', { cookieSecret: [cookieSecret, planted] }],
    ...[`${planted}\n`, ` ${planted}`, `"${planted}"`, `'${planted}'`].map((text): [string, object] => [
      'cookieSecret', { cookieSecret: text.replace(planted, `${planted}, and enough to be a secret of 32`) }
    ]),
    ['clientSecret', { clientSecret: `"${planted}"` }],
    ['redirectUri', { redirectUri: `'${redirectUri}'` }],
    ...[',', ', ', ';', '\n', '","'].map((separator): [string, object] => ['cookieSecret', { cookieSecret: `${planted.repeat(3)}${separator}${planted.repeat(3)}` }]),
    ['cookieSecret', { cookieSecret: [cookieSecret, `${planted.repeat(3)},${planted.repeat(3)}`] }],
    ['store', { store: { get: planted } }],
    ['routes.login', { routes: { login: planted } }],
    ['routes.logout', { routes: { logout: `//${planted}` }, }],
    ['defaultReturnTo', { defaultReturnTo: `https://${planted}.example` }],
    ['afterLogout', { afterLogout: `//${planted}.example` }],
    ['afterLogout', { afterLogout: `/.//${planted}.example` }],
    ['defaultReturnTo', { defaultReturnTo: `/x/%2e%2e//${planted}.example` }],
    ['session.idleMs', { session: { idleMs: -1 } }],
    ['session.limit', { session: { limit: 0 } }],
    ['session.limit', { session: { limit: 101 } }],
    ['session.limit', { session: { limit: 2.5 } }],
    ['session.persistent', { session: { persistent: 'no' } }],
    ['session.label', { session: { label: planted } }],
    ['recheckAfterMs', { recheckAfterMs: 10 }],
    ['session.absoluteMs', { session: { absoluteMs: Number.NaN } }],
    ['onUnauthenticated', { onUnauthenticated: planted }],
    ['endpoints.authorizeUrl', { endpoints: { authorizeUrl: `http://${planted}.example` } }],
    ['endpoints.apiUrl', { endpoints: { apiUrl: `http://${planted}.example` } }],
    ['endpoints.apiUrl', { endpoints: { apiUrl: `https://${planted}.example/path` } }],
    ['exchangesAtOnce', { exchangesAtOnce: 0 }],
    ['pkce', { pkce: true }],
    ['endpoints.dangerouslyAllowHttpTo', { endpoints: { dangerouslyAllowHttpTo: `${planted}:4100` } }],
    ['endpoints.apiUrl', { endpoints: { apiUrl: `http://${planted}.example`, dangerouslyAllowHttpTo: 'miro' } }],
    ['api.callMs', { api: { callMs: 0 } }],
    ['api.callMS', { api: { callMS: 5 } }],
    ['decorator', { decorator: `${planted} x` }],
    ['refresh.callerMs', { refresh: { callerMs: 0 } }],
    ['refresh.requestMs', { refresh: { requestMs: 130_000 } }]
  ]
  for (const [option, options] of wrong) {
    const error = await registrationError(t, options)
    t.equal(error?.code, 'MIRO_CONFIG', option)
    t.match(error?.message, option)
    t.notMatch(error?.message, planted)
  }
})

t.test('store: one that may hold tokens in plain text is warned about once, at the start', async (t) => {
  const adapter: Store = { get: async () => null, cas: async () => ({ ok: true, version: '1' }) }
  const keys = `k1:${randomBytes(32).toString('base64url')}`
  const expected = [[undefined, 0], [memoryStore(), 0], [encryptedStore(adapter, { keys }), 0], [adapter, 1]] as const
  for (const [store, warnings] of expected) {
    const lines: string[] = []
    const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } } })
    t.teardown(() => app.close())
    await app.register(fastifyMiro, { ...good, store })
    await app.inject('/auth/miro/login')
    t.equal(lines.filter((line) => line.includes('encryptedStore(store, { keys })')).length, warnings)
  }
})

t.test('endpoints: http leads to the host that dangerouslyAllowHttpTo names', async (t) => {
  const endpoints = { authorizeUrl: 'http://localhost:4100/oauth/authorize', apiUrl: 'http://miro:4100' }
  t.match(await registrationError(t, { endpoints }), { code: 'MIRO_CONFIG' })
  t.equal(await registrationError(t, { endpoints: { ...endpoints, dangerouslyAllowHttpTo: 'miro' } }), null)
})

t.test('cookieSecret: a passphrase with commas and blanks is one secret', async (t) => {
  t.equal(await registrationError(t, { cookieSecret: 'correct, horse, battery, staple, and some more words' }), null)
})

t.test('register: a second registration is told that there is a first; any other decorator in the way is told as one', async (t) => {
  const messageOf = async (prepare: (app: FastifyInstance) => unknown, options: object = {}): Promise<string> => {
    const app = Fastify()
    t.teardown(() => app.close())
    await prepare(app)
    return Promise.resolve(app.register(fastifyMiro, { ...good, ...options })).then(() => '', (error: Error) => error.message)
  }
  const twice = /registered already.*option decorator.*redirectUri/
  t.match(await messageOf((app) => app.register(fastifyMiro, good)), twice)
  t.match(await messageOf((app) => app.register(fastifyMiro, { ...good, decorator: 'second' }), { decorator: 'second' }), twice)
  const outer = Fastify()
  t.teardown(() => outer.close())
  await outer.register(fastifyMiro, good)
  await t.rejects(async () => { await outer.register(async (scope) => { await scope.register(fastifyMiro, good) }) }, { message: twice }, 'in a scope below the first')
  const taken = /has a decorator already/
  t.match(await messageOf((app) => app.decorate('other', { of: 'another plugin' }), { decorator: 'other' }), taken)
  t.match(await messageOf((app) => app.decorateRequest('other', null), { decorator: 'other' }), taken)
  t.match(await messageOf(() => {}, { decorator: 'server' }), taken)
})

t.test('register: without await it works for routes that are added before it has loaded', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(fastifyMiro, good)
  app.get('/me', { config: { miro: { required: true } } }, (request) => request.miro.grant())
  app.register(async (scope) => {
    scope.get('/scoped', { preHandler: scope.miro.requireGrant }, (request) => request.miro.grant())
  })
  t.equal((await app.inject('/me')).statusCode, 401)
  t.equal((await app.inject('/scoped')).statusCode, 401)
})

t.test('register: it works beside another copy of @fastify/cookie, and a host that sets a content type', async (t) => {
  const require = createRequire(import.meta.url)
  delete require.cache[require.resolve('@fastify/cookie')]
  const otherCopy: typeof fastifyCookie = require('@fastify/cookie')
  t.not(otherCopy, fastifyCookie)
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(otherCopy)
  app.addHook('onRequest', async (_request, reply) => { reply.type('text/html') })
  await app.register(fastifyMiro, good)
  app.get('/me', { preHandler: app.miro.requireGrant }, async (request) => request.miro.grant())
  t.equal((await app.inject({ url: '/auth/miro/login', headers: { host: 'localhost:3000' } })).statusCode, 303)
  t.equal((await app.inject({ url: '/me', headers: { cookie: 'a=b', accept: 'application/json' } })).json().code, 'MIRO_NOT_CONNECTED')
  t.equal((await app.inject({ url: '/auth/miro/callback?state=x', headers: { accept: 'application/json' } })).statusCode, 400)
})

t.test('register: it works in a scope whose prefix ends in a slash', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(async (scope) => {
    await scope.register(fastifyMiro, { ...good, redirectUri: 'http://localhost:3000/api/callback' })
  }, { prefix: '/api/' })
  t.equal((await app.inject({ url: '/api/auth/miro/login', headers: { host: 'localhost:3000' } })).statusCode, 303)
  t.equal((await app.inject('/api/callback')).statusCode, 400)
})

t.test('register: it works in a prefixed scope, and only there', async (t) => {
  const emulator = await createEmulator({ seed: { app: { redirectUris: ['http://localhost:3000/api/callback'] } } })
  t.teardown(() => emulator.close())
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(async (scope) => {
    await scope.register(fastifyMiro, {
      ...good,
      clientId: emulator.app.clientId,
      clientSecret: emulator.app.clientSecret,
      redirectUri: 'http://localhost:3000/api/callback',
      endpoints: { authorizeUrl: emulator.authorizeUrl, apiUrl: emulator.apiUrl }
    })
    scope.get('/boards', { preHandler: scope.miro.requireGrant }, (request) => request.miro.boards.list())
  }, { prefix: '/api' })
  const person = new Browser(app)
  const login = locationOf(await person.go('/api/boards'))
  t.equal(login.pathname, '/api/auth/miro/login')
  t.equal((await signIn(person, login.pathname + login.search)).headers.location, 'http://localhost:3000/api/boards')
  t.equal((await person.go('/api/boards')).statusCode, 200)
  t.notOk(app.hasDecorator('miro'))

  const outside = Fastify()
  t.teardown(() => outside.close())
  await t.rejects(async () => {
    await outside.register(async (scope) => { await scope.register(fastifyMiro, good) }, { prefix: '/api' })
    await outside.ready()
  }, { code: 'MIRO_CONFIG' })
})

t.test('register: two in sibling scopes have one session cookie, and so share a store or are refused', async (t) => {
  const start = async (first: object, second: object): Promise<void> => {
    const app = Fastify()
    t.teardown(() => app.close())
    for (const [prefix, options] of [['/a', first], ['/b', second]] as const) {
      await app.register(async (scope) => {
        await scope.register(fastifyMiro, { ...good, redirectUri: `http://localhost:3000${prefix}/callback`, ...options })
      }, { prefix })
    }
    await app.ready()
  }
  const store = memoryStore()
  const refused = { code: 'MIRO_CONFIG', message: /same session cookie/ }
  await t.rejects(start({}, {}), refused)
  await t.rejects(start({ store }, {}), refused)
  await t.rejects(start({}, { store, routes: false }), refused)
  await start({ store }, { store })
  await start({}, { decorator: 'second' })
  await start({}, { clientId: '2' })
  await start({}, { redirectUri: 'http://127.0.0.1:3000/b/callback' })
  await start({}, { appUserId: () => null })
})

for (const [name, options] of [
  ['signed cookies by default', { secret: 'x', parseOptions: { signed: true } }],
  ['other attributes by default', { parseOptions: { domain: 'elsewhere.example', path: '/x', sameSite: 'strict', secure: true } }],
  ['its own decoder', { parseOptions: { decode: () => 'broken' } }],
  ['no hook', { hook: false }]
] as const) {
  t.test(`it works beside the host's own @fastify/cookie with ${name}`, async (t) => {
    const emulator = await createEmulator()
    t.teardown(() => emulator.close())
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyCookie, options as object)
    await app.register(fastifyMiro, {
      ...good,
      clientId: emulator.app.clientId,
      clientSecret: emulator.app.clientSecret,
      endpoints: { authorizeUrl: emulator.authorizeUrl, apiUrl: emulator.apiUrl }
    })
    app.addHook('onRequest', async (_request, reply) => { reply.setCookie('host', 'value') })
    app.get('/me', { preHandler: app.miro.requireGrant }, (request) => request.miro.grant())
    const person = new Browser(app)
    t.equal((await signIn(person)).statusCode, 303)
    const answer = await person.call('/me')
    t.equal(answer.statusCode, 200)
    t.equal(answer.cookies.length, 1, 'the host\'s own cookies are set as before')
  })
}

t.test('register: two registrations with different decorators stay apart; one decorator twice is refused', async (t) => {
  const emulator = await createEmulator({ seed: { app: { redirectUris: [redirectUri, 'http://localhost:3000/second/callback'] } } })
  t.teardown(() => emulator.close())
  const app = Fastify()
  t.teardown(() => app.close())
  const store = memoryStore()
  const shared = {
    ...good,
    store,
    clientId: emulator.app.clientId,
    clientSecret: emulator.app.clientSecret,
    endpoints: { authorizeUrl: emulator.authorizeUrl, apiUrl: emulator.apiUrl }
  }
  await app.register(fastifyMiro, shared)
  await app.register(fastifyMiro, { ...shared, decorator: 'second', redirectUri: 'http://localhost:3000/second/callback' })
  app.get('/one', { config: { miro: { required: true } } }, (request) => request.miro.grant())
  app.get('/two', { config: { miro: { required: true, app: 'second' } } }, (request) => request.second.grant())
  const person = new Browser(app)
  const state = String(locationOf(await person.go('/auth/miro/login')).searchParams.get('state'))
  const [[name, sealed] = ['', '']] = person.cookies
  person.cookies.set(name.replace('miro_', 'second_'), sealed)
  t.match((await person.go(`/second/callback?code=x&state=${state}`)).body, 'MIRO_CALLBACK_STATE_UNKNOWN', 'a flow of one is none of the other')

  await signIn(person, '/auth/second/login')
  t.equal((await person.call('/two')).statusCode, 200)
  t.equal((await person.call('/one')).statusCode, 401)

  const twice = Fastify()
  t.teardown(() => twice.close())
  await t.rejects(async () => { await twice.register(fastifyMiro, shared).register(fastifyMiro, shared) }, { code: 'MIRO_CONFIG' })
})

t.test('routes: they are marked for global guards, and hidden from API descriptions', async (t) => {
  const seen: Array<[string, unknown, unknown]> = []
  const app = Fastify({ exposeHeadRoutes: true })
  t.teardown(() => app.close())
  app.addHook('onRoute', ({ url, config, schema, method }) => {
    if (method === 'GET' || method === 'POST') seen.push([url, config?.miro?.route, (schema as { hide?: boolean } | undefined)?.hide])
  })
  await app.register(fastifyMiro, good)
  await app.ready()
  t.same(seen, [
    ['/auth/miro/login', 'login', true], ['/auth/miro/callback', 'callback', true],
    ['/auth/miro/logout', 'logout', true], ['/auth/miro/disconnect', 'disconnect', true]
  ])
})

t.test('cookieSecret: after a rotation, the new list opens what the old secret sealed', async (t) => {
  const { app: before, emulator } = await createWorld(t)
  const person = new Browser(before)
  const miro = locationOf(await person.go('/auth/miro/login'))
  const sealed = new Map(person.cookies)
  for (const [secrets, status] of [[['a new secret, a new secret, a new secret', cookieSecret], 303], [['a new secret, a new secret, a new secret'], 400]] as const) {
    const after: FastifyInstance = Fastify()
    t.teardown(() => after.close())
    await after.register(fastifyMiro, {
      ...good,
      clientId: emulator.app.clientId,
      clientSecret: emulator.app.clientSecret,
      cookieSecret: [...secrets],
      endpoints: { authorizeUrl: emulator.authorizeUrl, apiUrl: emulator.apiUrl }
    })
    const next = new Browser(after)
    for (const [name, value] of sealed) next.cookies.set(name, value)
    const callback = await authorize(miro)
    t.equal((await next.go(callback.pathname + callback.search)).statusCode, status)
  }
})

t.test('request.miro: unused it reads nothing from the store; used it reads two records in one round trip', async (t) => {
  const inner = memoryStore()
  let [reads, underway, most] = [0, 0, 0]
  const { browser } = await createWorld(t, {
    store: {
      get: async (key) => {
        reads++
        most = Math.max(most, ++underway)
        await new Promise((resolve) => setImmediate(resolve))
        underway--
        return inner.get(key)
      },
      cas: inner.cas
    }
  })
  const person = browser()
  await signIn(person)
  // It waits for the names, which are asked for after the sign-in.
  await person.call('/me')
  const readsOf = async (url: string): Promise<number> => {
    [reads, most] = [0, 0]
    await person.call(url)
    return reads
  }
  t.equal(await readsOf('/'), 0)
  t.equal(await readsOf('/me'), 2)
  t.equal(most, 2, 'both at once')
  t.equal(await readsOf('/boards'), 2, 'the token comes from the same look')
})

t.test('errors: docs/errors.md has every code that the packages throw, with its status, why it is thrown and what to do', async (t) => {
  const [, ...sections] = (await readFile('../../docs/errors.md', 'utf8')).split(/^### /m)
  const documented = new Map(sections.map((section) => [/^`(MIRO_\w+)`$/m.exec(section)?.[1], section]))
  const made = Object.values(errors).flatMap((Class) => instanceOf(Class))
  t.ok(made.length > 15)
  t.same([...documented.keys()].sort(), made.map(({ code }) => code).sort())
  for (const { code, statusCode } of made) {
    const [, status = '', why = ''] = /^HTTP (.*)\.$.*^- \*\*Why:\*\* (.*)^- \*\*Do:\*\* \S/ms.exec(documented.get(code) ?? '') ?? []
    t.match(status, String(statusCode), code)
    t.not(why, '', code)
  }
})

/** One error of each class that is exported; abstract ones are none. */
function instanceOf (Class: unknown): MiroError[] {
  if (Class === MiroError || typeof Class !== 'function' || !(Class.prototype instanceof MiroError)) return []
  const error: unknown = Reflect.construct(Class, Class.name === 'ApiError' ? [404] : [Class.name === 'ReauthorizeError' ? 'refused' : undefined])
  return error instanceof MiroError ? [error] : []
}
