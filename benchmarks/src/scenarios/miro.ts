import { fastifyMiro, type FastifyMiroOptions, type Store } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import Fastify from 'fastify'
import { createHost } from './host.js'
import { accessToken, path, toHeader, type Answer, type ScenarioApp } from './scenario.js'

/** Ids have the length of Miro's. The token lives for an hour, as Miro's do, so that no run refreshes it. */
const person = {
  userId: '3458764500000000002',
  teamId: '3458764500000000003',
  scopes: ['boards:read', 'boards:write'],
  tokens: { accessToken, refreshToken: `refresh-${accessToken}`, expiresInMs: 3_600_000 }
}

function optionsWith (store: Store, more: Partial<FastifyMiroOptions> = {}): FastifyMiroOptions {
  return {
    clientId: '3458764500000000001',
    clientSecret: 'a-client-secret-of-the-benchmarks',
    redirectUri: 'http://localhost:3000/auth/miro/callback',
    cookieSecret: 'a cookie secret of at least 32 characters',
    store,
    ...more
  }
}

/** The plugin is registered, and the route does not use it. */
export async function buildUnused (store: Store): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store))
  app.get(path, async (): Promise<Answer> => ({ length: accessToken.length }))
  return { app, cookie: toHeader(await signInAs(app, person)) }
}

/** Sign in with Miro: `request.miro.accessToken()` in the handler. */
export async function buildSignIn (store: Store, more?: Partial<FastifyMiroOptions>): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store, more))
  app.get(path, async (request): Promise<Answer> => ({ length: (await request.miro.accessToken()).length }))
  return { app, cookie: toHeader(await signInAs(app, person)) }
}

/** The same with `requireGrant`. */
export async function buildRequired (store: Store): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store))
  app.get(path, { preHandler: app.miro.requireGrant }, async (request): Promise<Answer> => {
    return { length: (await request.miro.accessToken()).length }
  })
  return { app, cookie: toHeader(await signInAs(app, person)) }
}

/** The same with an app that chooses among the person's grants. */
export async function buildChosen (store: Store): Promise<ScenarioApp> {
  return buildSignIn(store, { grant: (_request, [first]) => first })
}

/** Connect Miro: an app with its own sessions (see {@link createHost}), and a grant that is linked to its user. */
export async function buildConnect (store: Store): Promise<ScenarioApp> {
  const { app, cookie, userOf } = await createHost({ appUserId: 'user-1', accessToken: 'none' })
  await app.register(fastifyMiro, optionsWith(store, {
    appUserId: (request) => userOf(request.cookies['session'])?.appUserId ?? null
  }))
  app.get(path, async (request): Promise<Answer> => ({ length: (await request.miro.accessToken()).length }))
  await signInAs(app, { ...person, appUserId: 'user-1' })
  return { app, cookie }
}
