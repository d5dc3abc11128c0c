import { randomBytes } from 'node:crypto'
import cookies from '@fastify/cookie'
import Fastify from 'fastify'
import { accessToken, path, type Answer, type ScenarioApp } from './scenario.js'

/** Fastify and nothing else: the route answers without a session. */
export async function buildAlone (): Promise<ScenarioApp> {
  const app = Fastify()
  app.get(path, async (): Promise<Answer> => ({ length: accessToken.length }))
  return { app, cookie: `session=${randomBytes(32).toString('base64url')}` }
}

/** A user in the app's own sessions. */
export interface HostUser {
  appUserId: string
  accessToken: string
}

interface Host extends ScenarioApp {
  /** The user of a session. */
  userOf: (sessionId: string | undefined) => HostUser | undefined
}

/** Fastify with @fastify/cookie and sessions in a Map, with one session for `user`. */
export async function createHost (user: HostUser): Promise<Host> {
  const app = Fastify()
  await app.register(cookies)
  const sessionId = randomBytes(32).toString('base64url')
  const users = new Map([[sessionId, user]])
  return { app, cookie: `session=${sessionId}`, userOf: (id) => id === undefined ? undefined : users.get(id) }
}

/** The least that an app with sessions does: it parses the cookie and finds the session in a Map. */
export async function buildHost (): Promise<ScenarioApp> {
  const { app, cookie, userOf } = await createHost({ appUserId: 'user-1', accessToken })
  app.get(path, async (request, reply): Promise<Answer> => {
    const user = userOf(request.cookies['session'])
    return user === undefined ? reply.code(401).send() : { length: user.accessToken.length }
  })
  return { app, cookie }
}
