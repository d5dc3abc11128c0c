import { ConfigError, UnavailableError, type Clock, type MiroError } from '@miro-oauth/core'
import { classify, misconfigured, type RawAnswer, type Verdict } from '@miro-oauth/core/internal'
import { CodeRejectedError } from '../errors.js'
import type { OAuth2Client } from './oauth2-client.js'

/** Pauses before a request that certainly never left is sent again. */
const retryDelaysMs = [250, 1000]

/**
 * Exchanges an authorization code at Miro's token endpoint. Returns Miro's answer as raw text.
 *
 * A request that certainly was not sent is sent again. A request whose answer was lost is not: the code is single use.
 *
 * @throws {CodeRejectedError} Miro refused the code
 * @throws {UnavailableError} no answer in time; the person must start again
 * @throws {ConfigError} the client secret or the redirect URI is wrong
 * @throws {BadResponseError} something between this server and Miro answered
 * @see RFC 6749, sections 4.1.2 and 4.1.3
 * @see https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token
 */
export async function exchangeCode ({ oauth2, clock }: {
  oauth2: OAuth2Client
  clock: Clock
}, code: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const raw = await oauth2.requestToken(code)
    const verdict = classify(raw, clock.now())
    if (verdict.kind === 'ok') return bodyOf(raw)
    const delayMs = verdict.kind === 'not-sent' ? retryDelaysMs[attempt] : undefined
    if (delayMs === undefined) throw errorFor(verdict, raw)
    await clock.wait(delayMs)
  }
}

function errorFor (verdict: Exclude<Verdict, { kind: 'ok' }>, raw: RawAnswer): MiroError {
  switch (verdict.kind) {
    case 'not-sent': case 'ambiguous': return new UnavailableError()
    case 'throttled': return new UnavailableError({ retryAfterMs: verdict.retryAfterMs ?? 1000 })
    case 'rejected': return new CodeRejectedError()
    case 'suspect': return unclearRefusal(raw)
    case 'config': return misconfigured(verdict)
  }
}

/**
 * Miro has one code for every refusal, so its message decides here, and nowhere else: no grant is at stake, and a
 * person who was told to start again because of a wrong client secret would do so for ever.
 */
function unclearRefusal (raw: RawAnswer): MiroError {
  const message = bodyOf(raw)
  if (/redirect.?uri/i.test(message)) {
    return new ConfigError('Miro does not know the redirect URI: it must be identical in the app\'s settings.')
  }
  if (/client.?(id|secret|credential)/i.test(message)) {
    return new ConfigError('Miro refuses the app\'s client id or client secret.')
  }
  return new CodeRejectedError()
}

function bodyOf (raw: RawAnswer): string {
  return raw.kind === 'answer' ? raw.body : ''
}
