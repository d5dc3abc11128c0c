import { startStopwatch } from '../clock.js'
import { CodeRejectedError, ConfigError, failureCause, misconfigured, UnavailableError, type MiroError } from '../errors.js'
import type { RefreshContext } from '../refresh/refresh-context.js'
import { unsentAgainMs } from '../refresh/timing.js'
import { classify, failureOf, type Verdict } from '../wire/classify.js'
import type { CodeToExchange } from '../wire/oauth-endpoints.js'
import type { RawAnswer } from '../wire/raw-answer.js'
import type { TokenAnswer } from '../wire/token-answer.js'

/** How long a person waits for Miro to take a code that it puts off. */
const patienceMs = 8000

/**
 * Exchanges an authorization code at Miro's token endpoint. Returns Miro's answer, and when it was asked for.
 *
 * A request that surely was not sent, or that Miro put off for a moment, goes out again. One whose answer was lost does
 * not: the code works once.
 *
 * @throws {CodeRejectedError} Miro refused the code
 * @throws {UnavailableError} no answer in time; the person must start again
 * @throws {ConfigError} the client secret or the redirect URI is wrong
 * @throws {BadResponseError} a proxy, or another server, answered
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
 */
export async function exchangeCode ({ endpoint, clock }: RefreshContext, code: CodeToExchange): Promise<{
  answer: TokenAnswer
  sentAt: number
}> {
  const elapsedMs = startStopwatch(clock)
  for (let attempt = 0; ; attempt++) {
    const sentAt = clock.now()
    const raw = await endpoint.exchange(code)
    const verdict = classify(raw, clock.now())
    if (verdict.kind === 'ok') return { answer: verdict.answer, sentAt }
    const pauseMs = pauseBeforeRetryMs(verdict, attempt)
    if (pauseMs === null || elapsedMs() + pauseMs > patienceMs) throw errorFor(verdict, raw)
    await clock.wait(pauseMs)
  }
}

/**
 * The verifier of a PKCE challenge: 43 to 128 unreserved characters.
 *
 * @throws {ConfigError}
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.1
 */
export function requireCodeVerifier (value: unknown): string {
  if (typeof value === 'string' && /^[\w.~-]{43,128}$/.test(value)) return value
  throw new ConfigError('codeVerifier must have 43 to 128 characters: letters, digits, dashes, dots, underscores and tildes.')
}

/** How long to wait before the code is sent again; `null`: it is not. */
function pauseBeforeRetryMs (verdict: Verdict, attempt: number): number | null {
  if (verdict.kind === 'not-sent') return unsentAgainMs[attempt] ?? null
  if (verdict.kind !== 'throttled' || verdict.retryAfterMs === null) return null
  return Math.max(verdict.retryAfterMs, unsentAgainMs[0] ?? 0)
}

function errorFor (verdict: Verdict, raw: RawAnswer): MiroError {
  switch (verdict.kind) {
    case 'ok': case 'rejected': return new CodeRejectedError()
    case 'unclear': return unclearError(verdict, raw)
    case 'config': return misconfigured(verdict)
    case 'throttled': return new UnavailableError({ retryAfterMs: verdict.retryAfterMs ?? 1000, cause: failureCause(failureOf(verdict)) })
    default: return new UnavailableError({ cause: failureCause(failureOf(verdict)) })
  }
}

/**
 * Miro uses one code for every refusal. Its words are a hint for the developer, and decide nothing else: no grant is at
 * stake here, and a person who is told to start again over a wrong secret would do so for ever.
 */
function unclearError ({ status }: { status: number }, raw: RawAnswer): MiroError {
  const words = raw.kind === 'answer' ? raw.body : ''
  if (/redirect.?uri/i.test(words)) return new ConfigError('Miro does not know the redirect URI: it must be identical in the app\'s settings.')
  if (/client.?(id|secret|credential)/i.test(words)) return misconfigured({ secret: true, status })
  return status === 400 || status === 401 ? new CodeRejectedError() : misconfigured({ secret: false, status })
}
