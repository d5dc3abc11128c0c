import oauth2, { type FastifyOAuth2Options, type OAuth2Namespace, type Token } from '@fastify/oauth2'
import Fastify, { type FastifyInstance } from 'fastify'
import type { MiroAddress } from '../fleet/messages.js'
import type { Person } from '../people/person.js'
import { watchedTexts } from '../worker/stored-pairs.js'
import type { Subject, SubjectParts } from './subject.js'

declare module 'fastify' {
  interface FastifyInstance {
    miroOAuth2: OAuth2Namespace
  }
}

const startPath = '/login'
const needingSignIn = ['HTTP 400', 'HTTP 401', 'not signed in']

/**
 * `@fastify/oauth2` as its README says: the plugin's own start and callback routes, the token JSON stored on the same
 * server by user, and `getNewAccessTokenUsingRefreshToken` once `expires_at` has passed.
 */
export async function createFastifyOAuth2 (parts: SubjectParts): Promise<Subject> {
  const { options: { miro }, open, authorize, onStored } = parts
  const texts = watchedTexts(open.plain, onStored)
  const app = Fastify()
  await app.register(oauth2, toPluginOptions(miro))
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
    call: async (person) => fetchOwner(parts, await accessTokenOf(person)),
    signIn: (person) => signIn(app, authorize, person),
    async disconnect ({ userId }) {
      await revoke(parts, await texts.get(userId))
      await texts.delete(userId)
    },
    codeOf,
    needsSignIn: (code) => needingSignIn.includes(code),
    close: () => app.close()
  }
}

function toPluginOptions ({ clientId, clientSecret, apiUrl, redirectUri }: MiroAddress): FastifyOAuth2Options {
  const authorize = { authorizeHost: apiUrl, authorizePath: '/oauth/authorize' }
  return {
    name: 'miroOAuth2',
    credentials: {
      client: { id: clientId, secret: clientSecret },
      auth: { ...authorize, tokenHost: apiUrl, tokenPath: '/v1/oauth/token' },
      options: { authorizationMethod: 'body' }
    },
    startRedirectPath: startPath,
    callbackUri: redirectUri
  }
}

async function fetchOwner ({ options: { miro }, fetch }: SubjectParts, accessToken: string): Promise<string> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const answer = await fetch(`${miro.apiUrl}/v2/boards?limit=1`, { headers })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  const { data: [board] } = await answer.json() as { data: Array<{ owner: { id: string } }> }
  return board?.owner.id ?? 'no owner'
}

/** Goes through the plugin's routes as a browser does, with the cookies of one flow. */
async function signIn (app: FastifyInstance, authorize: SubjectParts['authorize'], person: Person): Promise<void> {
  const start = await app.inject(startPath)
  const callback = new URL(await authorize(String(start.headers.location), person))
  callback.searchParams.set('user', person.userId)
  const cookies = Object.fromEntries(start.cookies.map(({ name, value }) => [name, value]))
  const answer = await app.inject({ url: `${callback.pathname}${callback.search}`, cookies })
  if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}`)
}

/** Calls Miro's own endpoint: the plugin's revocation is that of RFC 7009, which Miro does not have. */
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
