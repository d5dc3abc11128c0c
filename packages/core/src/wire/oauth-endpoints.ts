import type { Clock } from '../clock.js'
import { deadline } from '../deadline.js'
import type { Fetch } from './fetch.js'
import type { RawAnswer } from './raw-answer.js'
import { readText } from './read-text.js'
import { untilAborted } from './until-aborted.js'
import { neverSent } from './never-sent.js'

/** Far more than any token answer holds: a body without end must not fill the memory. */
const maxBytes = 65_536

/** A person waits for the exchange of a code. */
const exchangeMs = 30_000

/** The app's credentials, and the origin of Miro's API. */
export interface AppCredentials {
  clientId: string
  clientSecret: string
  apiUrl: string
}

/** An authorization code, and what belongs to it. */
export interface CodeToExchange {
  code: string
  redirectUri: string
  codeVerifier?: string | undefined
}

/**
 * Speaks to the OAuth endpoints of Miro that take the app's credentials, or a token to be judged.
 *
 * Credentials travel in the body only, never in a URL. Nothing is retried here, and no redirect is followed.
 */
export class OAuthEndpoints {
  readonly #client: AppCredentials
  readonly #fetch: Fetch
  readonly #clock: Clock
  readonly #timeoutMs: number

  constructor (client: AppCredentials, io: { fetch: Fetch, clock: Clock, timeoutMs: number }) {
    this.#client = client
    this.#fetch = io.fetch
    this.#clock = io.clock
    this.#timeoutMs = io.timeoutMs
  }

  /** @see https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token */
  exchange ({ code, redirectUri, codeVerifier }: CodeToExchange): Promise<RawAnswer> {
    return this.#send('/v1/oauth/token', {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: this.#client.clientId,
        client_secret: this.#client.clientSecret,
        code,
        redirect_uri: redirectUri,
        ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier })
      })
    }, Math.min(exchangeMs, this.#timeoutMs))
  }

  /** @see https://developers.miro.com/reference/get-new-access-token-using-refresh-token */
  refresh (refreshToken: string): Promise<RawAnswer> {
    return this.#send('/v1/oauth/token', {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: this.#client.clientId,
        client_secret: this.#client.clientSecret,
        refresh_token: refreshToken
      })
    })
  }

  /** Revokes an access token, and with it its refresh token. @see https://developers.miro.com/reference/revoke-token-v2 */
  revoke (accessToken: string): Promise<RawAnswer> {
    return this.#send('/v2/oauth/revoke', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ accessToken, clientId: this.#client.clientId, clientSecret: this.#client.clientSecret })
    })
  }

  /** Asks Miro's token context whose token this is. @see https://developers.miro.com/reference/get-access-token-context */
  tokenContext (accessToken: string, patienceMs = this.#timeoutMs): Promise<RawAnswer> {
    const headers = { authorization: `Bearer ${accessToken}` }
    return this.#send('/v1/oauth-token', { headers }, Math.min(patienceMs, this.#timeoutMs))
  }

  async #send (path: string, init: RequestInit & {
    headers?: Record<string, string>
  }, timeoutMs = this.#timeoutMs): Promise<RawAnswer> {
    const over = new AbortController()
    const abort = new AbortController()
    deadline(this.#clock, timeoutMs, over.signal).then(() => {
      if (!over.signal.aborted) abort.abort(new Error('Miro did not answer in time.'))
    }, () => {})
    try {
      const response = await untilAborted(this.#fetch(new URL(path, this.#client.apiUrl).href, {
        ...init,
        headers: { accept: 'application/json', ...init.headers },
        redirect: 'manual',
        signal: abort.signal
      }), abort.signal)
      return { kind: 'answer', status: response.status, headers: response.headers, body: await readText(response, { signal: abort.signal, maxBytes }) }
    } catch (cause) {
      return { kind: neverSent(cause) ? 'not-sent' : 'no-answer', cause }
    } finally {
      // A reason is given, since the default one is an AbortError with a stack, made each time.
      over.abort(null)
    }
  }
}
