import { ForeignOriginError } from '../errors.js'

/**
 * Resolves a target against the API's origin.
 *
 * Scheme and host are compared as parsed, not `origin`: a `blob:` URL claims the origin of the URL inside it.
 *
 * @throws {ForeignOriginError} anywhere else, or not a URL
 */
export function toApiUrl (target: string | URL, apiUrl: string, base: string = apiUrl): URL {
  const api = new URL(apiUrl)
  const url = parse(String(target), base)
  if (url === null || url.protocol !== api.protocol || url.host !== api.host || url.username !== '' || url.password !== '') {
    throw new ForeignOriginError()
  }
  return url
}

function parse (target: string, base: string): URL | null {
  return URL.canParse(target, base) ? new URL(target, base) : null
}
