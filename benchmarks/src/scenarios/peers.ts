import cookie from '@fastify/cookie'
import oauth2 from '@fastify/oauth2'
import session, { type SessionStore } from '@fastify/session'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Backend, Texts } from '../backend/backend.js'
import { accessToken, path, people, toHeader, type Answer, type ScenarioApp } from './scenario.js'

declare module 'fastify' {
  interface Session {
    accessToken?: string
  }
}

/** How `@fastify/session` is set up. */
export interface SessionOptions {
  /** Whether every request writes the session and sends its cookie anew. Default true, as the library's own. */
  rolling?: boolean
}

/**
 * `@fastify/oauth2` and `@fastify/session` as their READMEs combine them: the token is in the session. Neither checks
 * whether the token is still valid.
 */
export async function buildOAuth2Session (backend: Backend, options: SessionOptions = {}): Promise<ScenarioApp> {
  const app = Fastify()
  await registerSession(app, backend, options)
  await registerOAuth2(app, 'https://api.miro.com')
  // A callback would store the token that it received in the same way.
  app.get('/signed-in', async (request) => {
    request.session.accessToken = accessToken
    return 'welcome'
  })
  app.get(path, async (request, reply): Promise<Answer> => {
    const token = request.session.accessToken
    return token === undefined ? reply.code(401).send() : { length: token.length }
  })
  return { app, cookies: await signInAll(app) }
}

/** Registers @fastify/cookie and @fastify/session. */
export async function registerSession (
  app: FastifyInstance, { kind, texts }: Backend, { rolling = true }: SessionOptions
): Promise<void> {
  await app.register(cookie)
  await app.register(session, {
    secret: 'a secret with minimum length of 32 characters',
    cookie: { secure: false },
    rolling,
    saveUninitialized: false,
    // In memory, it brings a store of its own.
    ...(kind === 'memory' ? {} : { store: sessionStore(texts) })
  })
}

/** Registers @fastify/oauth2 for Miro, or a stand-in at `apiUrl`. */
export async function registerOAuth2 (app: FastifyInstance, apiUrl: string): Promise<void> {
  await app.register(oauth2, {
    name: 'miroOAuth2',
    credentials: {
      client: { id: '3458764500000000001', secret: 'secret' },
      auth: {
        authorizeHost: 'https://miro.com',
        authorizePath: '/oauth/authorize',
        tokenHost: apiUrl,
        tokenPath: '/v1/oauth/token'
      }
    },
    startRedirectPath: '/login',
    callbackUri: 'http://localhost:3000/callback'
  })
}

/** Sessions as JSON texts, one command or statement each: the least that a store for this library can do. */
function sessionStore (texts: Texts): SessionStore {
  return {
    get (id, callback) {
      texts.get(id).then((text) => callback(null, text === null ? null : JSON.parse(text)), callback)
    },
    set (id, value, callback) {
      texts.set(id, JSON.stringify(value)).then(() => callback(), callback)
    },
    destroy (id, callback) {
      texts.delete(id).then(() => callback(), callback)
    }
  }
}

/** The cookies of people who called the route `/signed-in`. */
export async function signInAll (app: FastifyInstance): Promise<string[]> {
  const cookies: string[] = []
  while (cookies.length < people) {
    const { cookies: set } = await app.inject('/signed-in')
    cookies.push(toHeader(Object.fromEntries(set.map(({ name, value }) => [name, encodeURIComponent(value)]))))
  }
  return cookies
}
