import { toTemplate } from './path-template.js'

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
}

const repeatable = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/** What is sent for a path and its options. */
export function toJsonRequest (path: string, request: ApiRequest): JsonRequest {
  const { method = 'GET', query = {}, body, idempotent, template, isObject = false } = request
  const name = method.toUpperCase()
  return {
    target: withQuery(path, query),
    init: { method: name, ...toBody(body) },
    method: name,
    template: template ?? toTemplate(path),
    isRepeatable: idempotent ?? repeatable.has(name),
    isObject
  }
}

function toBody (body: unknown): Pick<RequestInit, 'body'> & { headers: Record<string, string> } {
  const headers = { accept: 'application/json' }
  if (body === undefined) return { headers }
  // The platform adds the content type of a form, whose boundary only it knows.
  if (body instanceof FormData) return { headers, body }
  return { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function withQuery (path: string, query: ApiQuery): string {
  const parameters = new URLSearchParams()
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) if (value !== undefined) parameters.append(name, String(value))
  }
  if (parameters.size === 0) return path
  return `${path}${path.includes('?') ? '&' : '?'}${parameters.toString()}`
}
