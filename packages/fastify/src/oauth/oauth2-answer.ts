import { neverSent, type RawAnswer } from '@miro-oauth/core/internal'

/**
 * Miro's answer from a token of @fastify/oauth2: with `json: false` the library spreads its bytes into an object, index
 * by index.
 */
export function fromToken (token: object): RawAnswer {
  const body = new TextDecoder().decode(Uint8Array.from(Object.values(token), Number))
  return { kind: 'answer', status: 200, headers: new Headers(), body }
}

/** Miro's answer from an error of @fastify/oauth2, or that there was none. */
export function fromError (error: unknown): RawAnswer {
  const data: unknown = error instanceof Error && 'data' in error ? error.data : null
  if (isResponseError(data)) {
    return {
      kind: 'answer',
      status: data.res.statusCode,
      headers: new Headers(Object.entries(data.headers).filter(isSingleHeader)),
      body: Buffer.isBuffer(data.payload) ? data.payload.toString() : ''
    }
  }
  // The library reports a redirect as the list of requests that it made. No token endpoint redirects.
  if (Array.isArray(data)) return { kind: 'answer', status: 302, headers: new Headers(), body: '' }
  return { kind: neverSent(error) ? 'not-sent' : 'no-answer', cause: null }
}

function isSingleHeader (header: [name: string, value: unknown]): header is [name: string, value: string] {
  return typeof header[1] === 'string'
}

interface ResponseErrorData {
  headers: Record<string, unknown>
  payload: unknown
  res: { statusCode: number }
}

function isResponseError (data: unknown): data is ResponseErrorData {
  return typeof data === 'object' && data !== null && 'isResponseError' in data && data.isResponseError === true
}
