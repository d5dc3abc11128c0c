import { MiroError, RecordError } from '../errors.js'
import type { Fetch } from '../wire/fetch.js'
import { isToken } from '../wire/token-answer.js'
import { redactError } from '../wire/redact-error.js'
import type { ApiLimits } from './api-limits.js'
import { toApiUrl } from './api-url.js'
import { isStream, readRequestBody } from './request-body.js'
import type { TokenSource } from './token-source.js'

/** `fetch` as the platform has it, with a Miro access token on every request. */
export type ApiFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** One request, taken apart so that it can be sent again. */
interface Outgoing {
  url: URL
  init: RequestInit
  headers: Headers
  redirect: NonNullable<RequestInit['redirect']>
  /** Whether the body can be sent a second time. A stream cannot. */
  replayable: boolean
}

const redirectStatuses = new Set([301, 302, 303, 307, 308])
const mostRedirects = 5

/**
 * Makes a `fetch` that goes to the Miro API only.
 *
 * Relative URLs resolve against the API. Any other origin is refused before a socket opens, in redirects too. A 401 is
 * answered by one more try with another token, where the body can be sent again; otherwise the 401 is returned, and the
 * next call has the new token.
 */
export function createApiFetch ({ apiUrl, fetch, tokens, limits }: {
  apiUrl: string
  fetch: Fetch
  tokens: TokenSource
  limits: Pick<ApiLimits, 'requestBytes'>
}): ApiFetch {
  async function follow (outgoing: Outgoing, accessToken: string): Promise<{ request: Outgoing, response: Response }> {
    let request = outgoing
    for (let hops = 0; ; hops++) {
      const headers = new Headers(request.headers)
      headers.set('authorization', toBearer(accessToken))
      const response = await fetch(request.url.href, { ...request.init, headers, redirect: 'manual' }).catch((error: unknown) => {
        throw request.init.signal?.aborted === true || error instanceof MiroError ? error : redactError(error)
      })
      const location = response.headers.get('location')
      if (!redirectStatuses.has(response.status) || location === null || request.redirect === 'manual') {
        return { request, response }
      }
      response.body?.cancel().catch(() => {})
      if (request.redirect === 'error' || hops === mostRedirects) throw new TypeError('fetch failed: unexpected redirect')
      request = redirected(request, response.status, toApiUrl(location, apiUrl, request.url.href))
    }
  }

  return async function apiFetch (input, init) {
    const outgoing = await toOutgoing(apiUrl, input, { init, limits })
    const signal = outgoing.init.signal ?? undefined
    const accessToken = await tokens.accessToken(signal)
    const { request, response } = await follow(outgoing, accessToken)
    if (!isTokenRefused(response, request.url)) return response
    const replacement = await tokens.replacementFor(accessToken, signal).catch((error: unknown) => {
      response.body?.cancel().catch(() => {})
      throw error
    })
    // Only the refused request is repeated. After redirects that is the last one: a POST answered by a redirect is
    // done.
    if (replacement === null || !request.replayable) return response
    response.body?.cancel().catch(() => {})
    return (await follow(request, replacement)).response
  }
}

/**
 * Whether an answer refuses the access token: a 401, and of the token context a 400.
 *
 * @see https://developers.miro.com/reference/get-access-token-context
 */
function isTokenRefused ({ status }: Response, { pathname }: URL): boolean {
  return status === 401 || (status === 400 && pathname === '/v1/oauth-token')
}

/** A stored token that cannot stand in a header is none of Miro's, and the platform's own error would quote it. */
function toBearer (accessToken: string): string {
  if (!isToken(accessToken)) throw new RecordError()
  return `Bearer ${accessToken}`
}

async function toOutgoing (apiUrl: string, input: string | URL | Request, { init = {}, limits }: {
  init: RequestInit | undefined
  limits: Pick<ApiLimits, 'requestBytes'>
}): Promise<Outgoing> {
  const request = isRequest(input) ? input : null
  const url = toApiUrl(isRequest(input) ? input.url : input, apiUrl)
  const signal = init.signal ?? request?.signal
  // The platform gives a Request's body as a stream, though most are a short text: it would be sent without a length.
  const reading = { maxBytes: limits.requestBytes, signal }
  const body = init.body ?? (request === null ? null : await readRequestBody(request, reading))
  const merged: RequestInit = {
    ...init,
    ...fieldIfGiven('method', init.method ?? request?.method),
    ...fieldIfGiven('signal', signal),
    ...(body === null ? {} : { body }),
    ...(isStream(body) ? { duplex: 'half' } : {})
  }
  return {
    url,
    init: merged,
    headers: new Headers(init.headers ?? request?.headers),
    redirect: init.redirect ?? request?.redirect ?? 'follow',
    replayable: !isStream(body)
  }
}

/** What the Fetch standard does with method and body on a redirect. @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected (request: Outgoing, status: number, url: URL): Outgoing {
  const method = request.init.method?.toUpperCase() ?? 'GET'
  const becomesGet = (status === 303 && method !== 'GET' && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')
  if (!becomesGet) {
    if (!request.replayable) throw new TypeError('fetch failed: a redirect asks for a streamed body again')
    return { ...request, url }
  }
  const { body, ...init } = request.init
  const headers = new Headers(request.headers)
  for (const name of ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type']) headers.delete(name)
  return { ...request, url, headers, init: { ...init, method: 'GET' }, replayable: true }
}

/** Any Request by shape: one of another undici is none of the global class. */
function isRequest (input: unknown): input is Request {
  return typeof input === 'object' && input !== null && !(input instanceof URL) && 'url' in input && typeof input.url === 'string'
}

function fieldIfGiven<K extends string, V> (name: K, value: V | undefined): Partial<Record<K, V>> {
  const fields: Partial<Record<K, V>> = {}
  if (value !== undefined) fields[name] = value
  return fields
}
