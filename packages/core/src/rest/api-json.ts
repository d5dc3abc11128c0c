import type { Clock } from '../clock.js'
import { startStopwatch } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { ApiError, UnavailableError } from '../errors.js'
import { onAbort } from '../on-abort.js'
import type { ApiFetch } from './api-fetch.js'
import type { ApiLimits } from './api-limits.js'
import { sendOnce, type Outcome } from './attempt.js'
import { readAnswer } from './json-answer.js'
import { toJsonRequest, type ApiRequest, type JsonRequest } from './json-request.js'
import type { FindLimit } from './limits/with-rate-limit.js'
import { attemptMs, backOffMs } from './repeat.js'

/** Calls the API and returns what it answers, ids exact; `undefined`: an answer without a body. */
export type ApiJson = (path: string, request?: ApiRequest) => Promise<unknown>

/** What JSON calls are made of. */
export interface ApiJsonParts {
  clock: Clock
  limits: ApiLimits
  /** From 0 to 1. */
  jitter: () => number
  /** The rate limit of the grant; without it, a 429 is thrown at once. */
  limitOf?: FindLimit | undefined
  /** Ends back-offs when the process shuts down: nothing is sent again. */
  closing?: AbortSignal | undefined
}

/**
 * Makes an {@link ApiJson} over an authorized fetch. It throws ApiError where Miro answers no, BadResponseError where
 * it answers no JSON, UnavailableError where it does not answer.
 */
export function createApiJson (fetch: ApiFetch, parts: ApiJsonParts): ApiJson {
  return async function apiJson (path, options = {}) {
    const request = toJsonRequest(path, options)
    const sending = { ...parts, signal: options.signal, history: { isUnclear: false } }
    const outcome = await sendWithinLimit(fetch, request, sending)
    if (outcome.kind === 'no-answer') throw outcome.error
    return readAnswer(outcome.answer, request, parts.clock.now())
  }
}

interface Sending extends ApiJsonParts {
  signal: AbortSignal | undefined
  /** Whether Miro may have acted on the request already. It outlasts a wait for the rate limit. */
  history: { isUnclear: boolean }
}

/** Sends a request when the rate limit of its grant allows. */
async function sendWithinLimit (fetch: ApiFetch, request: JsonRequest, sending: Sending): Promise<Outcome> {
  const { clock, limits: { callMs: ms, rateLimitWaitMs: maxWaitMs }, limitOf, signal } = sending
  if (limitOf === undefined || maxWaitMs === 0) return send(fetch, request, sending)
  const limit = await withDeadline(limitOf(), { clock, ms, signal, late: () => new UnavailableError() })
  const { method, template } = request
  return limit.run(async () => {
    const outcome = await send(fetch, request, sending)
    return { answer: outcome, head: outcome.kind === 'answer' ? outcome.answer : null }
  }, { signal, maxWaitMs, refuse: (retryAfterMs) => new ApiError(429, { method, template, retryAfterMs }) })
}

/** Sends a request, and again where that is safe, within the limits of a call. */
async function send (fetch: ApiFetch, request: JsonRequest, sending: Sending): Promise<Outcome> {
  const { clock, limits, jitter, signal, closing, history } = sending
  const { callMs, responseBytes } = limits
  const { isRepeatable } = request
  const elapsed = startStopwatch(clock)
  for (let repeats = 0; ; repeats++) {
    const ms = attemptMs({ isRepeatable, repeats, leftMs: callMs - elapsed() })
    const outcome = await sendOnce(fetch, request, { clock, ms, callMs, responseBytes, signal })
    if (history.isUnclear && isGone(outcome, request)) return { ...outcome, answer: { ...outcome.answer, status: 204, text: '' } }
    const status = outcome.kind === 'answer' ? outcome.answer.status : null
    const pauseMs = backOffMs({ status, isRepeatable, repeats, leftMs: callMs - elapsed(), jitter: jitter() })
    if (pauseMs === null) return outcome
    await waitUnless(clock, pauseMs, [signal, closing])
    signal?.throwIfAborted()
    if (closing?.aborted === true) return outcome
    history.isUnclear = true
  }
}

/** A DELETE that is repeated finds nothing where the first one, whose answer was lost, had deleted it. */
function isGone (outcome: Outcome, { method }: JsonRequest): outcome is Outcome & { kind: 'answer' } {
  return outcome.kind === 'answer' && outcome.answer.status === 404 && method === 'DELETE'
}

/** Resolves after `ms` milliseconds, or when one of the signals aborts. */
async function waitUnless (clock: Clock, ms: number, signals: Array<AbortSignal | undefined>): Promise<void> {
  const over = new AbortController()
  const stops = signals.map((signal) => signal === undefined ? () => {} : onAbort(signal, () => over.abort(null)))
  await clock.wait(ms, over.signal)
  for (const stop of stops) stop()
}
