import { randomInt } from 'node:crypto'
import { fastifyMiro, type FastifyMiroOptions, type Store } from '@miro-oauth/fastify'
import { signInAs, type TestPerson } from '@miro-oauth/fastify/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Backend } from '../backend/backend.js'
import { createHost } from './host.js'
import { accessToken, path, people, toHeader, type Answer, type ScenarioApp } from './scenario.js'

/**
 * A person whom no other server of the run has. Ids have the length of Miro's, and the token lives for an hour, as
 * Miro's do, so that no run refreshes it.
 */
function newPerson (): TestPerson {
  return {
    userId: `34587645${String(randomInt(10 ** 11)).padStart(11, '0')}`,
    teamId: '3458764500000000003',
    scopes: ['boards:read', 'boards:write'],
    tokens: { accessToken, refreshToken: `refresh-${accessToken}`, expiresInMs: 3_600_000 }
  }
}

/** The options that every app of the benchmarks gives the plugin. */
export function optionsWith (store: Store, more: Partial<FastifyMiroOptions> = {}): FastifyMiroOptions {
  return {
    clientId: '3458764500000000001',
    clientSecret: 'a-client-secret-of-the-benchmarks',
    redirectUri: 'http://localhost:3000/auth/miro/callback',
    cookieSecret: 'a cookie secret of at least 32 characters',
    store,
    ...more
  }
}

async function signInAll (app: FastifyInstance): Promise<string[]> {
  const cookies: string[] = []
  while (cookies.length < people) cookies.push(toHeader(await signInAs(app, newPerson())))
  return cookies
}

/** The plugin is registered, and the route does not use it. */
export async function buildUnused ({ store }: Backend): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store))
  app.get(path, async (): Promise<Answer> => ({ length: accessToken.length }))
  return { app, cookies: await signInAll(app) }
}

/** Sign in with Miro: `request.miro.accessToken()` in the handler. */
export async function buildSignIn ({ store }: Backend, more?: Partial<FastifyMiroOptions>): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store, more))
  app.get(path, async (request): Promise<Answer> => ({ length: (await request.miro.accessToken()).length }))
  return { app, cookies: await signInAll(app) }
}

/** The same with `requireGrant`. */
export async function buildRequired ({ store }: Backend): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store))
  app.get(path, { preHandler: app.miro.requireGrant }, async (request): Promise<Answer> => {
    return { length: (await request.miro.accessToken()).length }
  })
  return { app, cookies: await signInAll(app) }
}

/** The same with an app that chooses among the person's grants. */
export async function buildChosen (backend: Backend): Promise<ScenarioApp> {
  return buildSignIn(backend, { grant: (_request, [first]) => first })
}

/** Connect Miro: an app with its own sessions (see {@link createHost}), and a grant that is linked to its user. */
export async function buildConnect ({ store }: Backend): Promise<ScenarioApp> {
  const { app, cookies, users, userOf } = await createHost()
  await app.register(fastifyMiro, optionsWith(store, {
    appUserId: (request) => userOf(request.cookies['session'])?.appUserId ?? null
  }))
  app.get(path, async (request): Promise<Answer> => ({ length: (await request.miro.accessToken()).length }))
  for (const { appUserId } of users) await signInAs(app, { ...newPerson(), appUserId })
  return { app, cookies }
}
