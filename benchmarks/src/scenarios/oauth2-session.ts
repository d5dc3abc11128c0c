import cookie from '@fastify/cookie'
import oauth2 from '@fastify/oauth2'
import session from '@fastify/session'
import Fastify from 'fastify'
import { accessToken, path, toHeader, type Answer, type ScenarioApp } from './scenario.js'

declare module 'fastify' {
  interface Session {
    accessToken?: string
  }
}

/**
 * @fastify/oauth2 and @fastify/session as their READMEs combine them: the token is in the session, and the session in
 * memory. Neither checks whether the token is still valid.
 */
export async function buildOAuth2Session (): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(cookie)
  await app.register(session, { secret: 'a secret with minimum length of 32 characters', cookie: { secure: false } })
  await app.register(oauth2, {
    name: 'miroOAuth2',
    credentials: {
      client: { id: '3458764500000000001', secret: 'secret' },
      auth: {
        authorizeHost: 'https://miro.com',
        authorizePath: '/oauth/authorize',
        tokenHost: 'https://api.miro.com',
        tokenPath: '/v1/oauth/token'
      }
    },
    startRedirectPath: '/login',
    callbackUri: 'http://localhost:3000/callback'
  })
  // A callback would store the token that it received in the same way.
  app.get('/signed-in', async (request) => {
    request.session.accessToken = accessToken
    return 'welcome'
  })
  app.get(path, async (request, reply): Promise<Answer> => {
    const token = request.session.accessToken
    return token === undefined ? reply.code(401).send() : { length: token.length }
  })
  const { cookies: set } = await app.inject('/signed-in')
  return { app, cookie: toHeader(Object.fromEntries(set.map(({ name, value }) => [name, encodeURIComponent(value)]))) }
}
