import { fastifyMiro } from '@miro-oauth/fastify'
import type { OAuth2Namespace } from '@fastify/oauth2'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Backend } from '../backend/backend.js'
import { optionsWith } from '../scenarios/miro.js'
import { registerOAuth2, registerSession } from '../scenarios/peers.js'
import { path, type Answer } from '../scenarios/scenario.js'

declare module 'fastify' {
  interface FastifyInstance {
    miroOAuth2: OAuth2Namespace
  }
}

/** Apps that people sign in to, by library. Each has the paths of {@link pathsOf}. */
export type Library = 'miro' | 'oauth2-session'

/** Where a sign-in begins, and where Miro sends the browser back. */
export function pathsOf (library: Library): { login: string, callback: string } {
  return library === 'miro'
    ? { login: '/auth/miro/login', callback: '/auth/miro/callback' }
    : { login: '/login', callback: '/callback' }
}

/** @param miroUrl the origin of a stand-in for Miro's API */
export async function buildApp (library: Library, backend: Backend, miroUrl: string): Promise<FastifyInstance> {
  const app = Fastify()
  if (library === 'miro') await addMiro(app, backend, miroUrl)
  else await addPeer(app, backend, miroUrl)
  return app
}

async function addMiro (app: FastifyInstance, { store }: Backend, miroUrl: string): Promise<void> {
  await app.register(fastifyMiro, optionsWith(store, { endpoints: { apiUrl: miroUrl } }))
  app.get(path, async (request): Promise<Answer> => ({ length: (await request.miro.accessToken()).length }))
}

/** As the READMEs of @fastify/oauth2 and @fastify/session say, with a new session id at the sign-in. */
async function addPeer (app: FastifyInstance, backend: Backend, miroUrl: string): Promise<void> {
  await registerSession(app, backend, {})
  await registerOAuth2(app, miroUrl)
  app.get('/callback', async (request, reply) => {
    const { token } = await app.miroOAuth2.getAccessTokenFromAuthorizationCodeFlow(request)
    await request.session.regenerate()
    request.session.accessToken = token.access_token
    return reply.redirect('/')
  })
  app.get(path, async (request, reply): Promise<Answer> => {
    const token = request.session.accessToken
    return token === undefined ? reply.code(401).send() : { length: token.length }
  })
}
