import { ConfigError } from '@miro-oauth/core'
import { requireFunctions, requireText, requireUnquoted, requireUrl } from '@miro-oauth/core/internal'
import type { CookieSecrets } from './http/cookie-seal.js'

/** Checks one option and fills in its default. @throws {ConfigError} naming the option, never its value */
export type Check<T = unknown> = (name: string, value: unknown) => T

type Checks = Record<string, Check>

/** An object of options once each of them is checked. */
export type Checked<C extends Checks> = { [Name in keyof C]: ReturnType<C[Name]> }

/** Browsers keep no cookie for longer than 400 days. */
const maxSessionMs = 400 * 86_400_000

/**
 * Checks an object of options. An option that is not in `checks` is refused: a misspelt option is a rule that is not in
 * force.
 *
 * @param name the option that holds the object; empty for the plugin's options themselves
 */
export function checkFields<C extends Checks> (checks: C, value: unknown = {}, name = ''): Checked<C> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`The option ${name} must be an object.`)
  }
  const prefix = name === '' ? '' : `${name}.`
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(checks, key))
  if (unknown !== undefined) throw new ConfigError(`The option ${prefix}${unknown.slice(0, 40)} is not known.`)
  const checked = Object.entries(checks).map(([key, check]) => [key, check(prefix + key, Reflect.get(value, key))])
  return Object.fromEntries(checked) as Checked<C>
}

/** The check of an option that is an object of options. */
export function fieldsOf<C extends Checks> (checks: C): Check<Checked<C>> {
  return (name, value) => checkFields(checks, value, name)
}

export function optional<T> (check: Check<T>): Check<T | undefined> {
  return (name, value) => value === undefined ? undefined : check(name, value)
}

export function withDefault<T> (value: unknown, check: Check<T>): Check<T> {
  return (name, given) => check(name, given ?? value)
}

/** A list; none where the option is left out. */
export function listOf<T> (check: Check<T>): Check<T[]> {
  return (name, value) => {
    if (value === undefined) return []
    if (!Array.isArray(value)) throw new ConfigError(`The option ${name} must be an array.`)
    // `map` would pass over the holes of a sparse array, and `every` would find all of them granted.
    return Array.from(value, (item) => check(name, item))
  }
}

export function oneOf<T extends string> (...allowed: T[]): Check<T> {
  return (name, value) => {
    const found = allowed.find((one) => one === value)
    if (found === undefined) throw new ConfigError(`The option ${name} must be one of ${allowed.join(', ')}.`)
    return found
  }
}

export function optionalFunction<T> (name: string, value: unknown): T | undefined {
  requireFunctions({ [name]: value })
  return value as T | undefined
}

/** An option that `createMiroAuth` checks. */
export function passOn<T> (_name: string, value: unknown): T | undefined {
  return value as T | undefined
}

/**
 * The redirect URI to the letter as it was given, since Miro compares the whole text and parsing may change it.
 *
 * @see RFC 9700, section 2.1: redirect URIs are compared by exact string matching
 */
export function requireRedirectUri (name: string, value: unknown): string {
  const redirectUri = requireText(name, value)
  const { search, pathname } = requireUrl(name, redirectUri)
  if (search !== '') throw new ConfigError(`The option ${name} must have no query.`)
  if (!/^\/[\w\-.~/]*$/.test(pathname)) throw new ConfigError(`The path of the option ${name} must be plain.`)
  return redirectUri
}

export function requireSecrets (name: string, value: unknown): CookieSecrets {
  const [first, ...others]: unknown[] = Array.isArray(value) ? value : [value]
  return [requireSecret(name, first), ...others.map((other) => requireSecret(name, other))]
}

const minSecretLength = 32
/** Of 32 random hexadecimal digits fewer than eight differ once in some 25 million texts. */
const fewestDistinct = 8
const howToMakeSecret = 'Make one with: node -p "crypto.randomBytes(32).toString(\'base64url\')"'

function requireSecret (name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ConfigError(`The option ${name} is missing.`)
  // A mounted file ends with a line break, and a variable does not: two processes would not open each other's cookies.
  if (value.trim() !== value) throw new ConfigError(`The option ${name} begins or ends with white space, such as a line break.`)
  requireUnquoted(name, value)
  if (value.length < minSecretLength) throw new ConfigError(`The option ${name} must have at least ${minSecretLength} characters.`)
  if (new Set(value).size < fewestDistinct) throw new ConfigError(`The option ${name} repeats itself. ${howToMakeSecret}`)
  const parts = value.split(/[,;\s]+/).filter((part) => part !== '')
  // A text such as `new,old` would be one secret, which opens nothing that either of the two sealed.
  if (parts.length > 1 && parts.every((part) => part.length >= minSecretLength)) {
    throw new ConfigError(`The option ${name} looks like several secrets in one text: pass them as an array.`)
  }
  return value
}

export function requireIdentifier (name: string, value: unknown): string {
  if (typeof value === 'string' && /^[a-z]\w*$/i.test(value)) return value
  throw new ConfigError(`The option ${name} must be a plain identifier.`)
}

/** A path on the app's own origin, as it stands in a link. */
export function requirePath (name: string, value: unknown): string {
  const isPath = typeof value === 'string' && /^\/[\w\-.~/%?=&]*$/.test(value)
  // Judged as parsed: `/.//evil.example` becomes `//evil.example`.
  if (isPath && !new URL(value, 'https://app.example').href.startsWith('https://app.example//') && !value.startsWith('//')) return value
  throw new ConfigError(`The option ${name} must be a path such as /boards.`)
}

/** The path of a route, in plain segments: the router, links and comparisons must all read it alike. */
export function requireRoute (name: string, value: unknown): string {
  if (typeof value === 'string' && /^(\/[\w\-~]+(\.[\w\-~]+)*)+$/.test(value)) return value
  throw new ConfigError(`The option ${name} must be a plain path such as /auth/miro/login.`)
}

export function requireDuration (name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 1000 && value <= maxSessionMs) return value
  throw new ConfigError(`The option ${name} must be milliseconds: a second at least, 400 days at most.`)
}

export function requireBoolean (name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ConfigError(`The option ${name} must be true or false.`)
}

/** The index of a person's sessions is one record, which must stay small. */
export function requireSessionLimit (name: string, value: unknown): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 100) return Number(value)
  throw new ConfigError(`The option ${name} must be a whole number from 1 to 100.`)
}
