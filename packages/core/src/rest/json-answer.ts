import { ApiError, BadResponseError, type ApiErrorDetails } from '../errors.js'
import { isJsonObject, parseJson, parseJsonOrNull } from '../wire/lossless-json.js'
import { parseRetryAfterMs } from '../wire/retry-after.js'
import type { JsonRequest } from './json-request.js'

/** An answer of the API, read to its end. */
export interface JsonAnswer {
  status: number
  headers: Headers
  text: string
}

/**
 * What an answer says, ids exact. `undefined`: it has no body, like a 204.
 *
 * @throws {ApiError} Miro answers no
 * @throws {BadResponseError} the answer is no JSON, or no object where one is expected
 */
export function readAnswer (answer: JsonAnswer, request: JsonRequest, now: number): unknown {
  const { status, text } = answer
  if (status < 200 || status > 299) throw toApiError(answer, request, now)
  if (request.isWithoutResult) return undefined
  const value = text === '' ? undefined : parse(text, status)
  if (request.isObject && !isJsonObject(value)) throw new BadResponseError(status)
  return value
}

function parse (text: string, status: number): unknown {
  try {
    return parseJson(text)
  } catch {
    throw new BadResponseError(status)
  }
}

/** The error for an answer by which Miro says no. */
function toApiError (answer: JsonAnswer, { method, template }: JsonRequest, now: number): ApiError {
  const { status, headers, text } = answer
  const parsed = parseJsonOrNull(text)
  const envelope = isJsonObject(parsed) ? parsed : null
  return new ApiError(status, {
    method,
    template,
    miroCode: toMiroCode(envelope),
    fields: toFieldNames(envelope),
    requestId: toRequestId(headers),
    details: toDetails(envelope),
    retryAfterMs: status === 429 ? parseRetryAfterMs(headers, now) : null
  })
}

/**
 * Only a word such as `tooManyRequests` or a number such as `2.074`: whatever else stands there is not shown. Words of
 * both letters and digits are none of Miro's codes, but its tokens are.
 */
function toMiroCode (envelope: Record<string, unknown> | null): string | null {
  const code = envelope?.['code']
  return typeof code === 'string' && /^(?:[a-z_.]{1,64}|\d{1,6}(?:\.\d{1,6}){0,3})$/i.test(code) ? code : null
}

const mostFields = 10
/** Where an error of a bulk begins: `[0].data.content`. */
const place = /^\[\d{1,3}\]\./
/** `data.content`, `fields[0].value`, `items.2.type`. Digits stand by themselves: a token mixes them with letters. */
const fieldName = /^[a-z_]{1,40}(?:\[\d{1,3}\]|\.\d{1,3}(?![^.[])|\.[a-z_]{1,40}){0,7}$/i

/** The names in `context.fields`, where they are plain words. */
function toFieldNames (envelope: Record<string, unknown> | null): string[] {
  const context = envelope?.['context']
  const fields = isJsonObject(context) ? context['fields'] : null
  if (!Array.isArray(fields)) return []
  const names = fields.flatMap((field: unknown) => isJsonObject(field) ? field['field'] : [])
  return names.filter((name): name is string => typeof name === 'string' && fieldName.test(name.replace(place, ''))).slice(0, mostFields)
}

/** A UUID or a like number in hexadecimal; a token has other letters. */
function toRequestId (headers: Headers): string | null {
  const id = headers.get('x-request-id') ?? headers.get('x-miro-request-id') ?? ''
  return /^[\da-f-]{8,64}$/i.test(id) ? id : null
}

function toDetails (envelope: Record<string, unknown> | null): ApiErrorDetails | null {
  if (envelope === null) return null
  const { message, context } = envelope
  return { message: typeof message === 'string' ? message : null, context: isJsonObject(context) ? context : null }
}
