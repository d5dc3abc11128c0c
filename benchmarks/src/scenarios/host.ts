import { randomBytes } from 'node:crypto'
import cookies from '@fastify/cookie'
import Fastify from 'fastify'
import type { Backend } from '../backend/backend.js'
import { accessToken, path, people, type Answer, type ScenarioApp } from './scenario.js'

/** Fastify and nothing else: the route answers without a session. */
export async function buildAlone (): Promise<ScenarioApp> {
  const app = Fastify()
  app.get(path, async (): Promise<Answer> => ({ length: accessToken.length }))
  return { app, cookies: Array.from({ length: people }, () => `session=${newId()}`) }
}

/** A user in the app's own sessions. */
export interface HostUser {
  appUserId: string
  accessToken: string
}

interface Host extends ScenarioApp {
  users: HostUser[]
  /** The user of a session. */
  userOf: (sessionId: string | undefined) => HostUser | undefined
}

/** Fastify with @fastify/cookie and sessions in a Map, with a session for each of {@link people}. */
export async function createHost (): Promise<Host> {
  const app = Fastify()
  await app.register(cookies)
  const sessions = new Map(Array.from({ length: people }, () => [newId(), { appUserId: newId(), accessToken }]))
  return {
    app,
    cookies: Array.from(sessions.keys(), (id) => `session=${id}`),
    users: Array.from(sessions.values()),
    userOf: (id) => id === undefined ? undefined : sessions.get(id)
  }
}

/** The least that an app with sessions does: it parses the cookie and finds the session in a Map. */
export async function buildHost (): Promise<ScenarioApp> {
  const { app, cookies, userOf } = await createHost()
  app.get(path, async (request, reply): Promise<Answer> => {
    const user = userOf(request.cookies['session'])
    return user === undefined ? reply.code(401).send() : { length: user.accessToken.length }
  })
  return { app, cookies }
}

/**
 * The least that an app does whose sessions are on a server: it parses the cookie, reads one text, and parses it.
 *
 * @param ways.reads how often it reads, all at once: a session and a grant are two texts
 * @param ways.isPrepared whether it reads by a prepared statement
 */
export async function buildReader (
  { texts, getPrepared }: Backend, { reads = 1, isPrepared = false }: { reads?: number, isPrepared?: boolean } = {}
): Promise<ScenarioApp> {
  const app = Fastify()
  await app.register(cookies)
  const ids = Array.from({ length: people }, newId)
  for (const id of ids) {
    for (let part = 0; part < reads; part++) await texts.set(`${id}-${part}`, JSON.stringify({ appUserId: id, accessToken }))
  }
  const get = isPrepared ? getPrepared : texts.get
  const parts = Array.from({ length: reads }, (_, part) => part)
  app.get(path, async (request, reply): Promise<Answer> => {
    const id = request.cookies['session'] ?? ''
    const found = await Promise.all(parts.map((part) => get(`${id}-${part}`)))
    const users = found.map((text) => text === null ? null : JSON.parse(text) as HostUser)
    const user = users.at(-1) ?? null
    return user === null ? reply.code(401).send() : { length: user.accessToken.length }
  })
  return { app, cookies: ids.map((id) => `session=${id}`) }
}

function newId (): string {
  return randomBytes(32).toString('base64url')
}
