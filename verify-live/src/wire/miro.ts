import type { Config } from '../config.js'
import { Unanswered } from '../unanswered.js'
import { readReply, type Reply } from './reply.js'
import type { Secrets } from './secrets.js'

/** A request that ends in no answer counts as failed after this long. */
const longestRequestMs = 30_000

interface Options {
  config: Config
  secrets: Secrets
  /** Awaited before each request, so that Miro sees few of them in a second. */
  pause: () => Promise<unknown>
  fetch: typeof fetch
}

/** Miro's endpoints, by plain fetch: what is measured is Miro, and not a library. Without an answer: `Unanswered`. */
export class Miro {
  readonly #config: Config
  readonly #secrets: Secrets
  readonly #pause: () => Promise<unknown>
  readonly #fetch: typeof fetch

  constructor ({ config, secrets, pause, fetch }: Options) {
    this.#config = config
    this.#secrets = secrets
    this.#pause = pause
    this.#fetch = fetch
  }

  /** @param more further parameters, such as `code_verifier` */
  exchange (code: string, more: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const { redirectUri } = this.#config
    return this.#token({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...more })
  }

  /** @param more parameters in place of the right ones, such as `client_secret` */
  refresh (refreshToken: string, more: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.#token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...more })
  }

  tokenContext (accessToken: string): Promise<Reply> {
    return this.#api('/v1/oauth-token', { headers: bearer(accessToken) })
  }

  boards (accessToken: string): Promise<Reply> {
    return this.#api('/v2/boards?limit=1', { headers: bearer(accessToken) })
  }

  createBoard (accessToken: string): Promise<Reply> {
    const headers = { ...bearer(accessToken), 'content-type': 'application/json' }
    return this.#api('/v2/boards', { method: 'POST', headers, body: '{"name":"verify-live"}' })
  }

  revoke (accessToken: string, { withHeader = false } = {}): Promise<Reply> {
    const { clientId, clientSecret } = this.#config
    const headers = { 'content-type': 'application/json', ...(withHeader && bearer(accessToken)) }
    return this.#api('/v2/oauth/revoke', { method: 'POST', headers, body: JSON.stringify({ accessToken, clientId, clientSecret }) })
  }

  /**
   * The authorize page without a browser: nobody is signed in, and its redirects are not followed.
   */
  async page (url: URL): Promise<Response> {
    const response = await this.#send(url, { redirect: 'manual' })
    await response.body?.cancel()
    return response
  }

  #token (parameters: Readonly<Record<string, string>>): Promise<Reply> {
    const { clientId, clientSecret } = this.#config
    const { grant_type: _, redirect_uri: __, ...secrets } = parameters
    this.#secrets.add(...Object.values(secrets))
    const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...parameters })
    return this.#api('/v1/oauth/token', { method: 'POST', body })
  }

  async #api (path: string, init: RequestInit): Promise<Reply> {
    const reply = await readReply(await this.#send(`${this.#config.apiUrl}${path}`, init))
    // Such an answer says nothing about a token or a code, and must not be taken for a refusal of one.
    if (reply.status === 429 || reply.status >= 500) throw new Unanswered(`Miro answered ${reply.status}`)
    this.#secrets.addFrom(reply.json)
    return reply
  }

  async #send (url: string | URL, init: RequestInit): Promise<Response> {
    await this.#pause()
    try {
      return await this.#fetch(url, { ...init, signal: AbortSignal.timeout(longestRequestMs) })
    } catch {
      throw new Unanswered('a request to Miro failed on its way')
    }
  }
}

function bearer (accessToken: string): Record<string, string> {
  return { authorization: `Bearer ${accessToken}` }
}
