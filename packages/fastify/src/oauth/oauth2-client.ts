import { fastifyCookie } from '@fastify/cookie'
import fastifyOauth2 from '@fastify/oauth2'
import { ConfigError } from '@miro-oauth/core'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../settings.js'

/** The part of @fastify/oauth2's `.oauth2` that is used here. */
export interface OAuth2Client {
  authorizeURL: (parameters: { redirect_uri: string, state: string, team_id?: string }) => string
  getToken: (parameters: { code: string, redirect_uri: string }) => Promise<{ token: object }>
}

const name = 'miroOauth2'

/**
 * Registers @fastify/oauth2 in our scope and returns its OAuth client. `json: false` keeps Miro's answer as the bytes it
 * sent, so that no 64-bit id is rounded; credentials go in the body, as Miro recommends.
 */
export async function registerOAuth2 (scope: FastifyInstance, { clientId, clientSecret, redirectUri, authorizeUrl, apiUrl }: Settings): Promise<OAuth2Client> {
  if (!scope.hasReplyDecorator('setCookie')) await scope.register(fastifyCookie)
  await scope.register(fastifyOauth2, {
    name,
    credentials: {
      client: { id: clientId, secret: clientSecret },
      auth: {
        authorizeHost: authorizeUrl.origin,
        authorizePath: authorizeUrl.pathname + authorizeUrl.search,
        tokenHost: apiUrl,
        tokenPath: '/v1/oauth/token'
      },
      options: { authorizationMethod: 'body' },
      http: { json: false, timeout: 30_000, maxBytes: 65_536, redirects: 0, redirect303: true }
    },
    callbackUri: redirectUri
  })
  const namespace: unknown = scope.getDecorator(name)
  if (isNamespace(namespace)) return namespace.oauth2
  throw new ConfigError('@fastify/oauth2 could not be set up.')
}

function isNamespace (value: unknown): value is { oauth2: OAuth2Client } {
  if (typeof value !== 'object' || value === null || !('oauth2' in value)) return false
  const { oauth2 } = value
  return typeof oauth2 === 'object' && oauth2 !== null && 'authorizeURL' in oauth2 && 'getToken' in oauth2
}
