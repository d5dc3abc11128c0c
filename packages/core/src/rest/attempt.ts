import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { BadResponseError, MiroError, UnavailableError } from '../errors.js'
import { BodyTooLongError, readText } from '../wire/read-text.js'
import { redactError } from '../wire/redact-error.js'
import type { ApiFetch } from './api-fetch.js'
import type { JsonAnswer } from './json-answer.js'
import type { JsonRequest } from './json-request.js'

/** What came of sending a request once. */
export type Outcome =
  | { kind: 'answer', answer: JsonAnswer }
  /** The connection was lost, or the time was over. */
  | { kind: 'no-answer', error: UnavailableError }

/** How one request is sent. */
export interface AttemptLimits {
  clock: Clock
  /** How long it may take, head and body. */
  ms: number
  /** What the whole call may take: said in the error. */
  callMs: number
  responseBytes: number
  signal: AbortSignal | undefined
}

/**
 * Sends a request once, and reads its answer.
 *
 * @throws {BadResponseError} the answer is too long
 * @throws what getting a token throws, and the reason of the caller's signal
 */
export async function sendOnce (
  fetch: ApiFetch, { target, init }: JsonRequest, limits: AttemptLimits
): Promise<Outcome> {
  const { clock, ms, callMs, responseBytes: maxBytes, signal } = limits
  const ended = new AbortController()
  const late = new UnavailableError({ cause: new Error(`Miro did not answer within ${callMs} ms.`) })
  const work = async (): Promise<JsonAnswer> => {
    const response = await fetch(target, { ...init, signal: ended.signal })
    const { status, headers } = response
    return { status, headers, text: await readText(response, { signal: ended.signal, maxBytes }) }
  }
  try {
    return { kind: 'answer', answer: await withDeadline(work(), { clock, ms, signal, late: () => late }) }
  } catch (error) {
    // The request must not go on without its caller.
    ended.abort(error)
    if (error === late) return { kind: 'no-answer', error: late }
    if (error instanceof MiroError || signal?.aborted === true) throw error
    if (error instanceof BodyTooLongError) throw new BadResponseError(null, 'An answer of Miro\'s API is longer than the option api.responseBytes.')
    return { kind: 'no-answer', error: new UnavailableError({ cause: redactError(error) }) }
  }
}
