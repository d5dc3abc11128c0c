import { ConfigError } from '../errors.js'

/** Whether a body is a form: the platform's own, or that of undici or another package, which is another class. */
export function isForm (body: unknown): body is FormData {
  return Object.prototype.toString.call(body) === '[object FormData]'
}

/**
 * A request with its form as bytes, and with the type that names the form's boundary: undici's `fetch`, for one, sends
 * the text "[object FormData]" in place of a form of the platform's.
 *
 * @throws {ConfigError} a file in it is no Blob
 */
export async function withFormAsBytes (init: RequestInit, form: FormData): Promise<RequestInit> {
  const encoded = new Response(form instanceof FormData ? form : copyOf(form))
  const headers = new Headers(init.headers)
  if (!headers.has('content-type')) headers.set('content-type', encoded.headers.get('content-type') ?? '')
  return { ...init, headers, body: new Uint8Array(await encoded.arrayBuffer()) }
}

function copyOf (form: Iterable<[string, unknown]>): FormData {
  const copy = new FormData()
  for (const [name, value] of form) {
    if (typeof value === 'string') copy.append(name, value)
    else if (value instanceof Blob) copy.append(name, value)
    else throw new ConfigError('A file in a form must be a Blob or a File.')
  }
  return copy
}
