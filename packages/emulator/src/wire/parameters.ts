import type { FastifyRequest } from 'fastify'

/** The path as it was sent, without its query. */
export function readPath (request: FastifyRequest): string {
  return (request.raw.url ?? '').split('?', 1).join('')
}

/** The query as it was sent. Invalid percent-encoding becomes U+FFFD, and repeated names stay repeated. */
export function readQuery (request: FastifyRequest): URLSearchParams {
  const url = request.raw.url ?? ''
  const start = url.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1))
}

/** The text of the body, which the route parses after it has checked the media type. */
export function readBody (request: FastifyRequest): string {
  return typeof request.body === 'string' ? request.body : ''
}

/** The media type in lower case and without parameters: `application/json` for `Application/JSON; charset=utf-8`. */
export function readMediaType (request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1).join('').trim().toLowerCase()
}

export function isForm (request: FastifyRequest): boolean {
  return readMediaType(request) === 'application/x-www-form-urlencoded'
}

/** The first of `names` that occurs more than once, which RFC 6749 section 3.1 forbids. */
export function findRepeated (parameters: URLSearchParams, names: readonly string[]): string | undefined {
  return names.find((name) => parameters.getAll(name).length > 1)
}
