import type { GrantRef } from '@miro-oauth/core'
import { InvalidBodyError } from '../errors.js'
import type { Field } from './body-fields.js'

/** How a field may be spelt: as Miro does, and as the packages of this repository do. */
const spellings = { userId: ['user_id', 'userId'], teamId: ['team_id', 'teamId'] } as const

/**
 * The grant that a request names by its fields; `null`: it names none. Fields whose name begins with `_`, such as
 * `_csrf`, are the host's own. Any other field that is not known may have been meant to name something, so it is
 * refused.
 *
 * @param sources the fields of each part of the request. A field may stand in several of them if it says the same
 * @throws {InvalidBodyError} naming the field
 */
export function namedGrant (...sources: readonly Field[][]): GrantRef | null {
  for (const fields of sources) requireKnownOnce(fields)
  const fields = sources.flat()
  const userId = idOf(fields, spellings.userId)
  const teamId = idOf(fields, spellings.teamId)
  if (userId === null && teamId === null) return null
  if (userId === null) throw new InvalidBodyError('The field user_id is missing beside team_id.')
  if (teamId === null) throw new InvalidBodyError('The field team_id is missing beside user_id.')
  return { userId, teamId }
}

function requireKnownOnce (fields: readonly Field[]): void {
  const known: readonly string[] = Object.values(spellings).flat()
  const names = fields.map(([name]) => name).filter((name) => !name.startsWith('_'))
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new InvalidBodyError(`${quoted(unknown)} is not known. Fields: user_id and team_id, or userId and teamId.`)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw new InvalidBodyError(`${quoted(repeated)} comes twice.`)
}

/** A field by its name, where the name is plain enough to be shown. */
function quoted (name: string): string {
  return /^\w{1,40}$/.test(name) ? `The field ${name}` : 'A field'
}

function idOf (fields: readonly Field[], names: readonly [string, string]): string | null {
  const ids = fields.filter(([name]) => names.includes(name)).map(([name, value]) => toId(name, value))
  if (new Set(ids).size > 1) throw new InvalidBodyError(`The field ${names[0]} comes with different values.`)
  return ids[0] ?? null
}

/** An id as an exact text. A number with a fraction or exponent is refused, since it may have been rounded. */
function toId (name: string, value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string' && value !== '' && value.isWellFormed()) return value
  throw new InvalidBodyError(`The field ${name} must be a text that is not empty, or an integer.`)
}
