import { isJsonObject, parseExactJson } from '@miro-oauth/core/internal'
import type { FastifyRequest } from 'fastify'
import { BodyTooLongError, InvalidBodyError, UnsupportedBodyError } from '../errors.js'
import { contentTypeOf, type ReadBody } from './any-body.js'

/** A field of a request. In JSON the value can be anything; integers are bigints. */
export type Field = readonly [name: string, value: unknown]

/** What `URLSearchParams` and forms write. */
const formText = /^[\w\-.*+%]+=[\w\-.*+%]*(&[\w\-.*+%]+=[\w\-.*+%]*)*$/

/**
 * The fields of a body that is a form or JSON; none where it is empty.
 *
 * @throws {UnsupportedBodyError | InvalidBodyError | BodyTooLongError} it cannot be read, and may say anything
 */
export function bodyFields (request: FastifyRequest): Field[] {
  const body = request.body as ReadBody | undefined
  if (body?.kind === 'too-long') throw new BodyTooLongError()
  if (body?.kind === 'cut') throw new InvalidBodyError('The body ended in the middle.')
  if (body === undefined || body.bytes.length === 0) return []
  if (!/^(identity)?$/i.test(request.headers['content-encoding'] ?? '')) throw new UnsupportedBodyError()
  const text = decode(body.bytes)
  switch (formatOf(contentTypeOf(request), text)) {
    case 'form': return Array.from(new URLSearchParams(text))
    case 'json': return jsonFields(text)
    case null: throw new UnsupportedBodyError()
  }
}

/** How a body is to be read, by its type; without one, by how it looks. `null`: not at all. */
function formatOf (contentType: string | undefined, text: string): 'form' | 'json' | null {
  if (contentType === undefined || contentType.trim() === '') {
    if (text.trimStart().startsWith('{')) return 'json'
    return formText.test(text) ? 'form' : null
  }
  const [type = '', ...parameters] = contentType.toLowerCase().split(';').map((part) => part.trim())
  const isUtf8 = parameters.every((parameter) => !parameter.startsWith('charset=') || /^charset="?(utf-?8|us-ascii)"?$/.test(parameter))
  if (!isUtf8) return null
  if (type === 'application/json') return 'json'
  return type === 'application/x-www-form-urlencoded' ? 'form' : null
}

function decode (bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new InvalidBodyError('The body is no UTF-8.')
  }
}

function jsonFields (text: string): Field[] {
  const value = parseJson(text)
  if (isJsonObject(value)) return Object.entries(value)
  throw new InvalidBodyError('The body must be a JSON object.')
}

function parseJson (text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    throw new InvalidBodyError('The body is no JSON, or one of its fields comes twice.')
  }
}
