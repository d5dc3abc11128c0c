import { ConfigError } from '../errors.js'
import { isForm } from '../wire/form-bytes.js'
import { toTemplate } from './path-template.js'
import { isStream } from './request-body.js'

/** A query, by name. What is `undefined` is left out; each value of a list is sent under the same name. */
export type ApiQuery = Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>>
type QueryValue = string | number | boolean

/** What every typed call takes beside its arguments. */
export interface CallOptions {
  /** Ends the call early, also while it waits for Miro's rate limit. */
  signal?: AbortSignal | undefined
  /**
   * Whether the call may be sent again after a 5xx, a lost connection or a time-out. Default: of GET, PUT and DELETE,
   * and of no POST and PATCH, which Miro may have acted on.
   */
  idempotent?: boolean | undefined
}

/** What {@link MiroClient.json} takes. */
export interface JsonOptions extends CallOptions {
  /** Default `GET`. */
  method?: string | undefined
  query?: ApiQuery | undefined
  /** Sent as JSON; a `FormData` as multipart. */
  body?: unknown
}

/** The same of a typed call, which knows the template of its path. */
export interface ApiRequest extends JsonOptions {
  template?: string | undefined
  /** Whether an answer that is no JSON object makes no sense. */
  isObject?: boolean | undefined
  /** Whether the body of an answer that says yes tells nothing, and is not read. */
  isWithoutResult?: boolean | undefined
}

/** A request that can be sent, more than once. */
export interface JsonRequest {
  target: string
  init: RequestInit
  method: string
  /** The path without its ids. */
  template: string
  isRepeatable: boolean
  isObject: boolean
  isWithoutResult: boolean
}

const repeatable = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/**
 * What is sent for a path and its options.
 *
 * @throws {ConfigError} it cannot be sent as it stands: a `fetch` would fail as in an outage, or send something else
 */
export function toJsonRequest (path: string, request: ApiRequest): JsonRequest {
  const { method = 'GET', query = {}, body, idempotent, template, isObject = false, isWithoutResult = false } = request
  if (typeof path !== 'string') throw new ConfigError('The path of a call must be a text.')
  const name = toMethod(method, body !== undefined)
  return {
    target: withQuery(path, query),
    init: { method: name, ...toBody(body) },
    method: name,
    template: template ?? toTemplate(path),
    isRepeatable: idempotent ?? repeatable.has(name),
    isObject,
    isWithoutResult
  }
}

/** What `fetch` refuses to send. @see https://fetch.spec.whatwg.org/#methods */
const forbidden = new Set(['CONNECT', 'TRACE', 'TRACK'])

function toMethod (method: unknown, hasBody: boolean): string {
  const name = typeof method === 'string' ? method.toUpperCase() : ''
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || forbidden.has(name)) {
    throw new ConfigError('The method of a call must be one that fetch sends.')
  }
  if (hasBody && (name === 'GET' || name === 'HEAD')) throw new ConfigError(`A call with ${name} has no body.`)
  return name
}

function toBody (body: unknown): Pick<RequestInit, 'body'> & { headers: Record<string, string> } {
  const headers = { accept: 'application/json' }
  if (body === undefined) return { headers }
  // The content type of a form is added with its boundary.
  if (isForm(body)) return { headers, body }
  return { headers: { ...headers, 'content-type': 'application/json' }, body: toJson(body) }
}

const noJson = 'The body of a call must be JSON or a FormData; fetch() takes others.'

/** @throws {ConfigError} JSON cannot say it: bytes, streams, maps and promises would become `{}` */
function toJson (body: unknown): string {
  const text = ArrayBuffer.isView(body) || isStream(body) ? undefined : stringify(body)
  const isLost = text === '{}' && Object.prototype.toString.call(body) !== '[object Object]'
  if (text === undefined || isLost) throw new ConfigError(noJson)
  return text
}

/** @throws {ConfigError} it holds a bigint or itself, or a `toJSON` of it throws */
function stringify (body: unknown): string | undefined {
  try {
    return JSON.stringify(body) as string | undefined
  } catch (cause) {
    throw new ConfigError(noJson, { cause })
  }
}

function withQuery (path: string, query: ApiQuery): string {
  const parameters = new URLSearchParams()
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) if (value !== undefined) parameters.append(name, toText(value))
  }
  if (parameters.size === 0) return path
  return `${path}${path.includes('?') ? '&' : '?'}${parameters.toString()}`
}

function toText (value: unknown): string {
  const isPlain = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
  if (!isPlain) throw new ConfigError('A value of a query must be a text, a number or a boolean.')
  return String(value)
}
