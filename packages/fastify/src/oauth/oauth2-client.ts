import { fastifyCookie } from '@fastify/cookie'
import fastifyOauth2 from '@fastify/oauth2'
import { ConfigError } from '@miro-oauth/core'
import type { RawAnswer } from '@miro-oauth/core/internal'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../settings.js'
import { fromError, fromToken } from './oauth2-answer.js'

/** The part of @fastify/oauth2's `.oauth2` that is used here. */
interface OAuth2 {
  authorizeURL: (parameters: { redirect_uri: string, state: string, team_id?: string }) => string
  getToken: (parameters: { code: string, redirect_uri: string }) => Promise<{ token: object }>
}

/**
 * The app's OAuth client at Miro. Both of its requests carry the same redirect URI to the letter, which Miro compares.
 *
 * @see RFC 9700, section 2.1
 */
export class OAuth2Client {
  readonly #oauth2: OAuth2
  readonly #redirectUri: string

  constructor (oauth2: OAuth2, redirectUri: string) {
    this.#oauth2 = oauth2
    this.#redirectUri = redirectUri
  }

  /**
   * The authorization link: Miro's page where a person grants access.
   *
   * @param flow.teamId the team that Miro preselects, where it is an id; the person may choose another
   * @see RFC 6749, section 4.1.1
   */
  authorizationUrl ({ state, teamId }: { state: string, teamId: string | null }): string {
    const isId = teamId !== null && /^[\w-]{1,64}$/.test(teamId)
    return this.#oauth2.authorizeURL({ redirect_uri: this.#redirectUri, state, ...(isId ? { team_id: teamId } : {}) })
  }

  /**
   * Sends an authorization code to the token endpoint, once. Never throws: the library's error goes no further, since
   * it holds Miro's whole answer and the client secret.
   *
   * @see RFC 6749, section 4.1.3
   */
  async requestToken (code: string): Promise<RawAnswer> {
    try {
      const { token } = await this.#oauth2.getToken({ code, redirect_uri: this.#redirectUri })
      return fromToken(token)
    } catch (error) {
      return fromError(error)
    }
  }
}

const name = 'miroOauth2'

/**
 * Registers @fastify/oauth2 in a scope and takes its OAuth client. `json: false` keeps Miro's answer as the bytes that
 * it sent, so that no 64-bit id is rounded; the credentials go in the body, as Miro recommends.
 */
export async function registerOAuth2 (scope: FastifyInstance, settings: Settings): Promise<OAuth2Client> {
  const { clientId, clientSecret, redirectUri, endpoints: { authorizeUrl, apiUrl } } = settings
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
  if (isNamespace(namespace)) return new OAuth2Client(namespace.oauth2, redirectUri)
  throw new ConfigError('@fastify/oauth2 could not be set up.')
}

function isNamespace (value: unknown): value is { oauth2: OAuth2 } {
  if (typeof value !== 'object' || value === null || !('oauth2' in value)) return false
  const { oauth2 } = value
  return typeof oauth2 === 'object' && oauth2 !== null && 'authorizeURL' in oauth2 && 'getToken' in oauth2
}
