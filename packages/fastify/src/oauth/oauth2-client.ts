import { fastifyCookie } from '@fastify/cookie'
import fastifyOauth2 from '@fastify/oauth2'
import { ConfigError } from '@miro-oauth/core'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../settings.js'

/**
 * The part of @fastify/oauth2's `.oauth2` that is used here: it builds the authorization link, core sends the requests.
 */
interface OAuth2 {
  authorizeURL: (parameters: Record<string, string>) => string
}

/**
 * The app's authorization link at Miro.
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
   * Miro's page where a person grants access.
   *
   * @param flow.teamId the team that Miro preselects; the person may choose another
   * @see RFC 6749, section 4.1.1, and RFC 7636, section 4.3
   */
  authorizationUrl ({ state, codeChallenge, teamId }: {
    state: string
    codeChallenge: string | null
    teamId: string | null
  }): string {
    return this.#oauth2.authorizeURL({
      redirect_uri: this.#redirectUri,
      state,
      ...(codeChallenge !== null && { code_challenge: codeChallenge, code_challenge_method: 'S256' }),
      ...(teamId !== null && { team_id: teamId })
    })
  }
}

const name = 'miroOauth2'

/** Registers @fastify/oauth2 in a scope and takes its OAuth client. */
export async function registerOAuth2 (
  scope: FastifyInstance,
  { clientId, clientSecret, redirectUri, endpoints: { authorizeUrl, apiUrl } }: Settings
): Promise<OAuth2Client> {
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
      }
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
  return typeof oauth2 === 'object' && oauth2 !== null && 'authorizeURL' in oauth2
}
