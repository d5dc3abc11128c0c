import { randomBytes } from 'node:crypto'
import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'
import { signInAll } from './peers.js'
import { accessToken, path, type Answer, type ScenarioApp } from './scenario.js'

declare module 'fastify' {
  interface FastifyRequest {
    // Of another name than `session`, which @fastify/session declares with another type.
    sealed: secureSession.Session<{ accessToken: string }>
  }
}

/** @fastify/secure-session: the session is in the cookie, encrypted, and the server cannot end it. */
export async function buildSecureSession (): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(secureSession, { sessionName: 'sealed', key: randomBytes(32), cookie: { path: '/', httpOnly: true } })
  app.get('/signed-in', async (request) => {
    request.sealed.set('accessToken', accessToken)
    return 'welcome'
  })
  app.get(path, async (request, reply): Promise<Answer> => {
    const token = request.sealed.get('accessToken')
    return token === undefined ? reply.code(401).send() : { length: token.length }
  })
  return { app, cookies: await signInAll(app) }
}
