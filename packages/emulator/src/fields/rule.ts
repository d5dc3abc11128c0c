import type { FieldProblem } from '../wire/envelope.js'
import { invalidFields } from '../wire/envelope.js'
import { isObject } from '../wire/json-body.js'

/** When a field must be there: in every body that has its parent, in those of a create, or in none. */
export type Need = 'always' | 'create' | 'never'

/** What a value of a body must be. A rule is pure: it names what is wrong, and changes nothing. */
export interface Rule {
  readonly need: Need
  readonly check: (value: unknown, at: Place) => readonly FieldProblem[]
}

export type Rules = Readonly<Record<string, Rule>>

/** Where a value stands in the body, and whether the body is that of a create. */
export interface Place {
  /** Such as `data.content`; empty for the body itself. */
  path: string
  isCreate: boolean
}

/** An object of a body, whose fields a rule has checked. */
export type Members = Readonly<Record<string, unknown>>

export function required (rule: Rule): Rule {
  return { ...rule, need: 'always' }
}

export function requiredAtFirst (rule: Rule): Rule {
  return { ...rule, need: 'create' }
}

/** An object with these fields. Miro's document closes no object, so other fields are disregarded. */
export function object (rules: Rules): Rule {
  return {
    need: 'never',
    check (value, at) {
      if (!isObject(value)) return [problem(at, 'must be an object')]
      const given = new Map<string, unknown>(Object.entries(value))
      return Object.entries(rules).flatMap(([name, rule]) => {
        const place = { ...at, path: at.path === '' ? name : `${at.path}.${name}` }
        const member = given.get(name)
        return member === undefined ? checkAbsent(rule, place) : rule.check(member, place)
      })
    }
  }
}

/** An object that has no other fields than these. */
export function closedObject (rules: Rules): Rule {
  const open = object(rules)
  return {
    need: 'never',
    check (value, at) {
      const unknown = Object.keys(toFields(value)).filter((name) => !Object.hasOwn(rules, name))
      return [...open.check(value, at), ...unknown.map(() => problem(at, 'has a field that cannot be set'))]
    }
  }
}

export function list (rule: Rule, { min = 0, max = Infinity }: { min?: number, max?: number } = {}): Rule {
  return {
    need: 'never',
    check (value, at) {
      if (!Array.isArray(value)) return [problem(at, 'must be a list')]
      if (value.length < min || value.length > max) return [problem(at, `must have ${min} to ${max} elements`)]
      return value.flatMap((element: unknown, index) => rule.check(element, { ...at, path: `${at.path}[${index}]` }))
    }
  }
}

export function problem ({ path }: Pick<Place, 'path'>, what: string): FieldProblem {
  return { field: path, message: `${path === '' ? 'The body' : path} ${what}` }
}

/**
 * Returns the body, which the rule has accepted.
 *
 * @throws {MiroRefusal} 400 with every field that the rule refuses
 */
export function requireFields (rule: Rule, body: unknown, isCreate: boolean): Members {
  const problems = rule.check(body, { path: '', isCreate })
  if (problems.length > 0) throw invalidFields(problems)
  return toFields(body)
}

/** The members of an object; none for any other value. */
export function toFields (value: unknown): Members {
  return isObject(value) ? Object.fromEntries(Object.entries(value)) : {}
}

function checkAbsent (rule: Rule, at: Place): readonly FieldProblem[] {
  const isNeeded = rule.need === 'always' || (rule.need === 'create' && at.isCreate)
  return isNeeded ? [problem(at, 'is required')] : []
}
