import type { FastifyRequest } from 'fastify'
import { invalidParameters } from './envelope.js'
import { readBody, readMediaType } from './parameters.js'

/**
 * Reads the JSON object of the body. An empty body counts as an empty object.
 *
 * @throws {MiroRefusal} 400 for another media type, broken JSON, or JSON that is not an object
 */
export function readJsonObject (request: FastifyRequest): Map<string, unknown> {
  const value = readJson(request)
  return toMembers(value === undefined ? {} : value)
}

/**
 * Reads the JSON of the body; undefined where it is empty.
 *
 * @throws {MiroRefusal} 400 for another media type, or broken JSON
 */
export function readJson (request: FastifyRequest): unknown {
  const text = readBody(request)
  if (text === '') return undefined
  if (readMediaType(request) !== 'application/json') throw invalidParameters('The body must be application/json')
  return parseJson(text)
}

/** @throws {MiroRefusal} 400 for what is not an object */
export function toMembers (value: unknown): Map<string, unknown> {
  if (!isObject(value)) throw invalidParameters('The body must be a JSON object')
  return new Map(Object.entries(value))
}

export function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws {MiroRefusal} 400 for broken JSON */
export function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidParameters('The body is not valid JSON')
  }
}
