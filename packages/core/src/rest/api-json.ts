import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { ApiError, BadResponseError, MiroError, UnavailableError } from '../errors.js'
import { isJsonObject, parseJsonOrNull } from '../wire/lossless-json.js'
import { BodyTooLongError, readText } from '../wire/read-text.js'
import { redactError } from '../wire/redact-error.js'
import { parseRetryAfterMs } from '../wire/retry-after.js'
import type { ApiFetch } from './api-fetch.js'
import type { ApiLimits } from './api-limits.js'

/** What a call to the API can carry. */
export interface ApiRequest {
  method?: 'GET' | 'POST'
  query?: Record<string, string | number | undefined>
  /** Sent as JSON. */
  body?: unknown
  signal?: AbortSignal | undefined
}

/** Calls the API and reads its answer as a JSON object, ids exact. */
export type ApiJson = (path: string, request?: ApiRequest) => Promise<Record<string, unknown>>

/**
 * Makes an {@link ApiJson} over an authorized fetch. It throws
 * ApiError where Miro answers no, BadResponseError where it answers no JSON object, UnavailableError where it does not
 * answer.
 */
export function createApiJson (fetch: ApiFetch, { clock, limits }: { clock: Clock, limits: ApiLimits }): ApiJson {
  return async function apiJson (path, { method = 'GET', query = {}, body, signal } = {}) {
    const init: RequestInit = {
      method,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    }
    const { response, text } = await send(fetch, { target: withQuery(path, query), init, signal }, { clock, limits })
    const fields = parseObject(text)
    if (!response.ok) {
      throw new ApiError(response.status, { miroCode: toMiroCode(fields), retryAfterMs: waitOf(response, clock.now()) })
    }
    if (fields === null) throw new BadResponseError(response.status)
    return fields
  }
}

interface Sending {
  target: string
  init: RequestInit
  signal: AbortSignal | undefined
}

/** Sends a request and reads its answer, both within the limits of a call. */
async function send (fetch: ApiFetch, { target, init, signal }: Sending, { clock, limits }: {
  clock: Clock
  limits: ApiLimits
}): Promise<{
  response: Response
  text: string
}> {
  const ended = new AbortController()
  const late = (): UnavailableError => new UnavailableError({ cause: new Error(`Miro did not answer within ${limits.callMs} ms.`) })
  const work = async (): Promise<{ response: Response, text: string }> => {
    const response = await fetch(target, { ...init, signal: ended.signal })
    return { response, text: await readText(response, { signal: ended.signal, maxBytes: limits.responseBytes }) }
  }
  try {
    return await withDeadline(work(), { clock, ms: limits.callMs, signal, late })
  } catch (error) {
    // The request must not go on without its caller.
    ended.abort(error)
    if (error instanceof MiroError || signal?.aborted === true) throw error
    if (error instanceof BodyTooLongError) throw new BadResponseError()
    throw new UnavailableError({ cause: redactError(error) })
  }
}

function withQuery (path: string, query: NonNullable<ApiRequest['query']>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.append(name, String(value))
  if (parameters.size === 0) return path
  return `${path}${path.includes('?') ? '&' : '?'}${parameters.toString()}`
}

function parseObject (text: string): Record<string, unknown> | null {
  const value = parseJsonOrNull(text)
  return isJsonObject(value) ? value : null
}

/**
 * Only a word such as `tooManyRequests` or a number such as `2.074`: whatever else stands there is not shown. Words of
 * both letters and digits are none of Miro's codes, but its tokens are.
 */
function toMiroCode (fields: Record<string, unknown> | null): string | null {
  const code = fields?.['code']
  return typeof code === 'string' && /^(?:[a-z_.]{1,64}|\d{1,6}(?:\.\d{1,6}){0,3})$/i.test(code) ? code : null
}

function waitOf (response: Response, now: number): number | null {
  return response.status === 429 ? parseRetryAfterMs(response.headers, now) : null
}
