// The compiler is the test, and nothing is run. It reads the built packages as an app's project does, and every
// `@ts-expect-error` is a mistake that it must find.
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import '@fastify/session'
import { Agent, fetch as undiciFetch, type RequestInit as UndiciInit } from 'undici'
import { signInAs } from '@miro-oauth/fastify/testing'
import {
  fastifyMiro, NotConnectedError, type AdoptedTokens, type AuthorizeRequest, type Connection, type Disconnection,
  type FastifyMiroError, type FastifyMiroOptions, type FoundGrant, type Grant, type GrantRef, type GrantSnapshot,
  type Link, type ReauthorizeReason, type Unlinking
} from '@miro-oauth/fastify'

const options: FastifyMiroOptions = {
  // The environment gives `string | undefined`.
  clientId: process.env['MIRO_CLIENT_ID'],
  clientSecret: process.env['MIRO_CLIENT_SECRET'],
  redirectUri: 'http://localhost:3000/auth/miro/callback',
  cookieSecret: ['new', 'old'],
  hooks: {
    onReauthorize: ({ ref, reason }) => {
      const words: [string, string, ReauthorizeReason] = [ref.userId, ref.teamId, reason]
      return words
    }
  }
}

declare module 'fastify' {
  interface Session { userId?: string }
}

const app = Fastify()
app.register(fastifyMiro, options)
// A field of a session may be missing, and the app user may come from a promise.
app.register(fastifyMiro, { ...options, appUserId: (request) => request.session.userId })
app.register(fastifyMiro, { ...options, appUserId: async () => null, grant: (_request, refs) => refs.find(({ teamId }) => teamId === '1') })
app.register(fastifyMiro, { ...options, routes: false, requiredScopes: ['boards:read'] as const, returnToOrigins: ['https://panel.example'] })
// A configuration may lack any option, also within another one.
app.register(fastifyMiro, {
  ...options,
  session: { idleMs: undefined },
  refresh: { callerMs: undefined },
  api: { callMs: undefined },
  clock: { now: undefined },
  hooks: { onConnected: undefined },
  routes: { login: undefined }
})

// The fetch of another package, a wrapper, and a stand-in of a test.
const dispatcher = new Agent()
app.register(fastifyMiro, { ...options, fetch: (url, init) => undiciFetch(url, { ...init, dispatcher } as UndiciInit) })
app.register(fastifyMiro, { ...options, fetch: (url, init) => fetch(url, { ...init, keepalive: true }) })
app.register(fastifyMiro, { ...options, fetch })
app.register(fastifyMiro, { ...options, fetch: async () => ({ status: 200, headers: new Map(), body: undefined, text: async () => '{}' }) })
// @ts-expect-error: it must return a Response
app.register(fastifyMiro, { ...options, fetch: async () => ({ ok: true, json: async () => ({}) }) })

// @ts-expect-error: four options are required
app.register(fastifyMiro, { clientId: 'x' })
// @ts-expect-error: the option is misspelt
app.register(fastifyMiro, { ...options, redirectUrl: 'x' })
// @ts-expect-error: ids are strings
app.register(fastifyMiro, { ...options, appUserId: () => 7 })
// @ts-expect-error: a grant is named by two ids
app.register(fastifyMiro, { ...options, grant: () => '1' })
// @ts-expect-error: the values are 'auto' and 'error'
app.register(fastifyMiro, { ...options, onUnauthenticated: 'redirect' })

app.get('/grant', { preHandler: app.miro.requireGrant }, async (request): Promise<Grant | null> => request.miro.grant())
app.get('/required', { config: { miro: { required: true, app: 'miro' } } }, (request) => request.miro.boards.list({ limit: 10 }))
// @ts-expect-error: required is a boolean
app.get('/wrong', { config: { miro: { required: 'yes' } } }, () => 'x')

export async function members (request: FastifyRequest, reply: FastifyReply): Promise<string> {
  const response: Response = await request.miro.fetch('/v2/boards', { method: 'POST', body: '{}' })
  const token: () => Promise<string> = request.miro.accessToken
  for await (const board of request.miro.boards.iterate({ sort: 'alphabetically' })) reply.log.info(board.name)
  const grants: Grant[] = await request.miro.grants()
  for (const grant of grants) await request.miro.for(grant).boards.list()
  await request.miro.select({ userId: '1', teamId: '2' })
  for (const { id, isCurrent, label } of await request.miro.sessions()) {
    if (!isCurrent && label === null) await request.miro.endSession(id)
  }
  const count: number = await request.miro.endOtherSessions() + await app.miro.endSessions('1') + await app.miro.endSessions({ userId: '1', teamId: '2' })
  const endsAt: number | undefined = (await request.miro.session())?.expiresAt
  reply.log.info({ count, endsAt })
  const cookies: Record<string, string> = await signInAs(app, { userId: '1', teamId: '2', scopes: ['boards:read'] })
  reply.log.info(cookies)
  // @ts-expect-error: Miro has no such sort order
  request.miro.boards.iterate({ sort: 'random' })
  // @ts-expect-error: ids are strings
  request.server.miro.client({ userId: 1, teamId: 2 })
  // @ts-expect-error: a grant holds no token
  reply.log.info((await request.miro.grant())?.accessToken)
  return response.statusText + await token() + app.miro.loginUrl({ returnTo: '/x', teamId: '1' })
}

/** What the members of `app.miro.auth` take and return has a name here: an app need not depend on core for it. */
export async function core (
  ref: GrantRef, tokens: AdoptedTokens, request: AuthorizeRequest
): Promise<Disconnection | Unlinking> {
  const connection: Connection = await app.miro.auth.adopt(tokens)
  const snapshot: GrantSnapshot = await app.miro.auth.snapshot(ref)
  const links: Link[] = await app.miro.auth.links(app.miro.auth.authorizeUrl(request))
  const found: FoundGrant = { ref, consentId: connection.consentId, snapshot }
  app.miro.auth.lazyClient(async () => found)
  return links.length === 0 ? app.miro.auth.disconnect(ref) : app.miro.auth.unlink('1', ref)
}

/** Codes are literal types, so that a switch over the union is checked. */
export function explain (error: FastifyMiroError): string {
  switch (error.code) {
    case 'MIRO_REAUTHORIZE': return error.reason
    case 'MIRO_API': return String(error.miroStatus)
    // @ts-expect-error: no such code
    case 'MIRO_OOPS': return ''
    default: return error.code
  }
}

export const literal: 'MIRO_NOT_CONNECTED' = new NotConnectedError().code
