import { fastifyMiro, type FastifyMiroOptions, type Store } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import Fastify from 'fastify'
import { createHost } from './host.js'
import { accessToken, path, toHeader, type Answer, type Visited } from './scenario.js'

/** Ids as long as Miro's. The token lives for an hour, as Miro's do: longer than any run. */
const person = {
  userId: '3458764500000000002',
  teamId: '3458764500000000003',
  scopes: ['boards:read', 'boards:write'],
  tokens: { accessToken, refreshToken: `refresh-${accessToken}`, expiresInMs: 3_600_000 }
}

function optionsWith (store: Store, more: Partial<FastifyMiroOptions> = {}): FastifyMiroOptions {
  return {
    clientId: '3458764500000000001',
    clientSecret: 'a-client-secret-of-nobody',
    redirectUri: 'http://localhost:3000/auth/miro/callback',
    cookieSecret: 'a cookie secret of at least 32 characters',
    store,
    ...more
  }
}

/** The plugin is there, and the route does not ask it anything. */
export async function buildUnused (store: Store): Promise<Visited> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store))
  app.get(path, async (): Promise<Answer> => ({ length: accessToken.length }))
  return { app, cookie: toHeader(await signInAs(app, person)) }
}

/** Sign in with Miro: `request.miro.accessToken()` in the handler. */
export async function buildSignIn (store: Store, more?: Partial<FastifyMiroOptions>): Promise<Visited> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store, more))
  app.get(path, async (request): Promise<Answer> => ({ length: (await request.miro.accessToken()).length }))
  return { app, cookie: toHeader(await signInAs(app, person)) }
}

/** The same behind `requireGrant`. */
export async function buildRequired (store: Store): Promise<Visited> {
  const app = Fastify()
  await app.register(fastifyMiro, optionsWith(store))
  app.get(path, { preHandler: app.miro.requireGrant }, async (request): Promise<Answer> => ({ length: (await request.miro.accessToken()).length }))
  return { app, cookie: toHeader(await signInAs(app, person)) }
}

/** The same where the app chooses among the person's grants. */
export async function buildChosen (store: Store): Promise<Visited> {
  return buildSignIn(store, { grant: (_request, [first]) => first })
}

/** Connect Miro: an app with sessions of its own, as {@link createHost} has them, and a grant linked to its user. */
export async function buildConnect (store: Store): Promise<Visited> {
  const { app, cookie, visitorOf } = await createHost({ appUserId: 'somebody', accessToken: 'none' })
  await app.register(fastifyMiro, optionsWith(store, { appUserId: (request) => visitorOf(request.cookies['session'])?.appUserId ?? null }))
  app.get(path, async (request): Promise<Answer> => ({ length: (await request.miro.accessToken()).length }))
  await signInAs(app, { ...person, appUserId: 'somebody' })
  return { app, cookie }
}
