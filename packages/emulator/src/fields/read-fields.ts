import type { FastifyRequest } from 'fastify'
import { readJsonObject } from '../wire/json-body.js'
import { type Members, requireFields, type Rule } from './rule.js'

/**
 * Reads a JSON body that the rule accepts. An empty body counts as an empty object.
 *
 * @throws {MiroRefusal} 400 for what is no JSON object, and with every field that the rule refuses
 */
export function readFields (request: FastifyRequest, rule: Rule, isCreate: boolean): Members {
  return requireFields(rule, Object.fromEntries(readJsonObject(request)), isCreate)
}
