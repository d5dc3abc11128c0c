import { randomBytes } from 'node:crypto'
import cookies from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import { accessToken, path, type Answer, type Visited } from './scenario.js'

/** Fastify and nothing else: the route answers without looking who asks. */
export async function buildAlone (): Promise<Visited> {
  const app = Fastify()
  app.get(path, async (): Promise<Answer> => ({ length: accessToken.length }))
  return { app, cookie: `session=${randomBytes(32).toString('base64url')}` }
}

/** A person whom an app of the reader's own making knows. */
export interface Visitor {
  appUserId: string
  accessToken: string
}

/** Fastify with @fastify/cookie and sessions in a Map, one of which is `visitor`'s. */
export async function createHost (visitor: Visitor): Promise<Visited & { visitorOf: (id: string | undefined) => Visitor | undefined }> {
  const app: FastifyInstance = Fastify()
  await app.register(cookies)
  const id = randomBytes(32).toString('base64url')
  const visitors = new Map([[id, visitor]])
  return { app, cookie: `session=${id}`, visitorOf: (id) => id === undefined ? undefined : visitors.get(id) }
}

/** The least an app with sessions does: a cookie, a look into a Map. */
export async function buildHost (): Promise<Visited> {
  const { app, cookie, visitorOf } = await createHost({ appUserId: 'somebody', accessToken })
  app.get(path, async (request, reply): Promise<Answer> => {
    const visitor = visitorOf(request.cookies['session'])
    return visitor === undefined ? reply.code(401).send() : { length: visitor.accessToken.length }
  })
  return { app, cookie }
}
