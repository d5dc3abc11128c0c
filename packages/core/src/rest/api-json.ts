import type { Clock } from '../clock.js'
import { startStopwatch } from '../clock.js'
import type { ApiFetch } from './api-fetch.js'
import type { ApiLimits } from './api-limits.js'
import { sendOnce, type Outcome } from './attempt.js'
import { readAnswer } from './json-answer.js'
import { toJsonRequest, type ApiRequest, type JsonRequest } from './json-request.js'
import { attemptMs, backOffMs } from './repeat.js'

/** Calls the API and returns what it answers, ids exact; `undefined`: an answer without a body. */
export type ApiJson = (path: string, request?: ApiRequest) => Promise<unknown>

/** What JSON calls are made of. */
export interface ApiJsonParts {
  clock: Clock
  limits: ApiLimits
  /** From 0 to 1. */
  jitter: () => number
}

/**
 * Makes an {@link ApiJson} over an authorized fetch. It throws ApiError where Miro answers no, BadResponseError where
 * it answers no JSON, UnavailableError where it does not answer.
 */
export function createApiJson (fetch: ApiFetch, parts: ApiJsonParts): ApiJson {
  return async function apiJson (path, options = {}) {
    const request = toJsonRequest(path, options)
    const outcome = await send(fetch, request, { ...parts, signal: options.signal })
    if (outcome.kind === 'no-answer') throw outcome.error
    return readAnswer(outcome.answer, request, parts.clock.now())
  }
}

interface Sending extends ApiJsonParts { signal: AbortSignal | undefined }

/** Sends a request, and again where that is safe, within the limits of a call. */
async function send (fetch: ApiFetch, request: JsonRequest, sending: Sending): Promise<Outcome> {
  const { clock, limits, jitter, signal } = sending
  const { callMs, responseBytes } = limits
  const { isRepeatable } = request
  const elapsed = startStopwatch(clock)
  for (let repeats = 0; ; repeats++) {
    const ms = attemptMs({ isRepeatable, repeats, leftMs: callMs - elapsed() })
    const outcome = await sendOnce(fetch, request, { clock, ms, callMs, responseBytes, signal })
    if (repeats > 0 && isGone(outcome, request)) return { ...outcome, answer: { ...outcome.answer, status: 204, text: '' } }
    const status = outcome.kind === 'answer' ? outcome.answer.status : null
    const pauseMs = backOffMs({ status, isRepeatable, repeats, leftMs: callMs - elapsed(), jitter: jitter() })
    if (pauseMs === null) return outcome
    await clock.wait(pauseMs, signal)
    signal?.throwIfAborted()
  }
}

/** A DELETE that is repeated finds nothing where the first one, whose answer was lost, had deleted it. */
function isGone (outcome: Outcome, { method }: JsonRequest): outcome is Outcome & { kind: 'answer' } {
  return outcome.kind === 'answer' && outcome.answer.status === 404 && method === 'DELETE'
}
