import { ConfigError, UnavailableError, type Clock, type MiroError } from '@miro-oauth/core'
import { classify, misconfigured, neverSent, type RawAnswer } from '@miro-oauth/core/internal'
import { CodeRejectedError } from './errors.js'
import type { OAuth2Client } from './oauth2-client.js'

/** Pauses before a request that surely never left is sent again, in milliseconds. */
const notSentAgainMs = [250, 1000]

/**
 * Exchanges an authorization code at Miro's token endpoint. Returns Miro's answer as raw text.
 *
 * A request that surely was not sent is sent again. One whose answer was lost is not: the code works once.
 *
 * @throws {CodeRejectedError} Miro refused the code
 * @throws {UnavailableError} no answer in time; the person must start again
 * @throws {ConfigError} the client secret or the redirect URI is wrong
 * @throws {BadResponseError} something between this server and Miro answered
 * @see https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token
 */
export async function exchangeCode ({ oauth2, clock }: { oauth2: OAuth2Client, clock: Clock }, { code, redirectUri }: {
  code: string
  redirectUri: string
}): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const raw = await ask(oauth2, { code, redirect_uri: redirectUri })
    const verdict = classify(raw, clock.now())
    if (verdict.kind === 'ok') return raw.kind === 'answer' ? raw.body : ''
    const pauseMs = verdict.kind === 'not-sent' ? notSentAgainMs[attempt] : undefined
    if (pauseMs === undefined) throw errorFor(verdict, raw)
    await clock.wait(pauseMs)
  }
}

function errorFor (verdict: Exclude<ReturnType<typeof classify>, { kind: 'ok' }>, raw: RawAnswer): MiroError {
  switch (verdict.kind) {
    case 'not-sent': case 'ambiguous': return new UnavailableError()
    case 'throttled': return new UnavailableError({ retryAfterMs: verdict.retryAfterMs ?? 1000 })
    case 'rejected': return new CodeRejectedError()
    case 'unclear': return unclearError(raw)
    case 'config': return misconfigured(verdict)
  }
}

/**
 * Miro uses one code for every refusal; its words are a hint for the developer, and decide nothing else. No grant is at
 * stake here, and a person who is told to start again over a wrong secret would do so for ever.
 */
function unclearError (raw: RawAnswer): MiroError {
  const words = raw.kind === 'answer' ? raw.body : ''
  if (/redirect.?uri/i.test(words)) return new ConfigError('Miro does not know the redirect URI: it must be identical in the app\'s settings.')
  if (/client.?(id|secret|credential)/i.test(words)) return new ConfigError('Miro refuses the app\'s client id or client secret.')
  return new CodeRejectedError()
}

/**
 * Asks through @fastify/oauth2 and takes its answer or error apart. The error itself goes no further: it holds Miro's
 * whole answer and our request.
 */
async function ask (oauth2: OAuth2Client, params: { code: string, redirect_uri: string }): Promise<RawAnswer> {
  try {
    const { token } = await oauth2.getToken(params)
    return { kind: 'answer', status: 200, headers: new Headers(), body: toText(token) }
  } catch (error) {
    return toRawAnswer(error)
  }
}

/** With `json: false` the library spreads the answer's bytes into an object, index by index. */
function toText (token: object): string {
  return new TextDecoder().decode(Uint8Array.from(Object.values(token), Number))
}

function toRawAnswer (error: unknown): RawAnswer {
  const data: unknown = error instanceof Error && 'data' in error ? error.data : null
  if (isResponseError(data)) {
    return {
      kind: 'answer',
      status: data.res.statusCode,
      headers: new Headers(Object.entries(data.headers).filter((header): header is [string, string] => typeof header[1] === 'string')),
      body: Buffer.isBuffer(data.payload) ? data.payload.toString() : ''
    }
  }
  // A redirect is reported as the list of requests made: no token endpoint redirects.
  if (Array.isArray(data)) return { kind: 'answer', status: 302, headers: new Headers(), body: '' }
  return { kind: neverSent(error) ? 'not-sent' : 'no-answer', cause: null }
}

interface ResponseErrorData {
  headers: Record<string, unknown>
  payload: unknown
  res: { statusCode: number }
}

function isResponseError (data: unknown): data is ResponseErrorData {
  return typeof data === 'object' && data !== null && 'isResponseError' in data && data.isResponseError === true
}
