import oauth2, { type OAuth2Namespace, type Token } from '@fastify/oauth2'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Person } from '../people/person.js'
import { watchedTexts } from '../worker/stored-pairs.js'
import type { Subject, SubjectParts } from './subject.js'

declare module 'fastify' {
  interface FastifyInstance {
    miroOAuth2: OAuth2Namespace
  }
}

const startPath = '/login'

/**
 * `@fastify/oauth2` as its README says: its own start and callback routes, the token JSON kept on the same server by user,
 * and `getNewAccessTokenUsingRefreshToken` once `expires_at` has passed.
 */
export async function createFastifyOAuth2 (parts: SubjectParts): Promise<Subject> {
  const { options: { miro }, open, visit, onStored } = parts
  const texts = watchedTexts(open.plain, onStored)
  const app = Fastify()
  await app.register(oauth2, {
    name: 'miroOAuth2',
    credentials: {
      client: { id: miro.clientId, secret: miro.clientSecret },
      auth: { authorizeHost: miro.apiUrl, authorizePath: '/oauth/authorize', tokenHost: miro.apiUrl, tokenPath: '/v1/oauth/token' },
      options: { authorizationMethod: 'body' }
    },
    startRedirectPath: startPath,
    callbackUri: miro.redirectUri
  })
  app.get<{ Querystring: { user: string } }>(new URL(miro.redirectUri).pathname, async (request) => {
    const { token } = await app.miroOAuth2.getAccessTokenFromAuthorizationCodeFlow(request)
    await texts.set(request.query.user, JSON.stringify(token))
    return 'signed in'
  })
  await app.ready()

  async function accessTokenOf ({ userId }: Person): Promise<string> {
    const text = await texts.get(userId)
    if (text === null) throw new Error('not signed in')
    const token = JSON.parse(text) as Token
    if (Date.now() < new Date(token.expires_at).getTime()) return token.access_token
    const { token: renewed } = await app.miroOAuth2.getNewAccessTokenUsingRefreshToken(token, {})
    await texts.set(userId, JSON.stringify(renewed))
    return renewed.access_token
  }

  return {
    call: async (person) => askOwner(parts, await accessTokenOf(person)),
    signIn: (person) => walkThrough(app, visit, person),
    async disconnect ({ userId }) {
      await revoke(parts, await texts.get(userId))
      await texts.delete(userId)
    },
    codeOf,
    isOver: (code) => ['HTTP 400', 'HTTP 401', 'not signed in'].includes(code),
    close: () => app.close()
  }
}

async function askOwner ({ options: { miro }, fetch }: SubjectParts, accessToken: string): Promise<string> {
  const answer = await fetch(`${miro.apiUrl}/v2/boards?limit=1`, { headers: { authorization: `Bearer ${accessToken}` } })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  const { data: [board] } = await answer.json() as { data: Array<{ owner: { id: string } }> }
  return board?.owner.id ?? 'nobody'
}

/** A browser with the cookies of one flow. */
async function walkThrough (app: FastifyInstance, visit: SubjectParts['visit'], person: Person): Promise<void> {
  const start = await app.inject(startPath)
  const callback = new URL(await visit(String(start.headers.location), person))
  callback.searchParams.set('user', person.userId)
  const cookies = Object.fromEntries(start.cookies.map(({ name, value }) => [name, value]))
  const answer = await app.inject({ url: `${callback.pathname}${callback.search}`, cookies })
  if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}`)
}

/** Its own revocation is that of RFC 7009, which Miro does not have. */
async function revoke ({ options: { miro }, fetch }: SubjectParts, text: string | null): Promise<void> {
  if (text === null) return
  const { access_token: accessToken } = JSON.parse(text) as Token
  await fetch(`${miro.apiUrl}/v2/oauth/revoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accessToken, clientId: miro.clientId, clientSecret: miro.clientSecret })
  })
}

function codeOf (error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const status: unknown = Reflect.get(Reflect.get(error, 'output') ?? {}, 'statusCode')
  return typeof status === 'number' ? `HTTP ${status}` : error.message.slice(0, 40)
}
