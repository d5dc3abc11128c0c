import { toClock, type Clock } from './clock.js'
import { ConfigError } from './errors.js'
import type { Optional } from './optional.js'

/**
 * A text that can stand in a form, a header and a log line: not empty, visible ASCII, no quotation marks around it.
 *
 * @throws {ConfigError}
 */
export function requireText (name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ConfigError(`The option ${name} is missing.`)
  if (!/^[\x21-\x7e]+$/.test(value)) throw new ConfigError(`The option ${name} holds white space or other unexpected characters.`)
  requireUnquoted(name, value)
  return value
}

/**
 * `docker run --env-file` and YAML blocks keep the quotation marks of a line: Miro would refuse the app, for a reason
 * that no log shows.
 *
 * @throws {ConfigError}
 */
export function requireUnquoted (name: string, text: string): void {
  if (/^(["'])[^]*\1$/.test(text)) throw new ConfigError(`The option ${name} stands in quotation marks: take them away.`)
}

/** One such text, or a list of at least one. @throws {ConfigError} */
export function requireTexts (name: string, value: unknown): readonly [string, ...string[]] {
  const [first, ...others]: unknown[] = Array.isArray(value) ? value : [value]
  return [requireText(name, first), ...others.map((other) => requireText(name, other))]
}

/**
 * An absolute https URL, or http on loopback.
 *
 * @param httpHost a further host that http may lead to
 * @throws {ConfigError}
 */
export function requireUrl (name: string, value: unknown, httpHost?: string): URL {
  const text = requireText(name, value)
  if (!URL.canParse(text)) throw new ConfigError(`The option ${name} must be an absolute URL.`)
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (isLoopback(url.hostname) || url.hostname === httpHost))) {
    throw new ConfigError(`The option ${name} must be an https URL; http is for loopback only.`)
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new ConfigError(`The option ${name} must have no user, password or fragment.`)
  }
  return url
}

/** Whether a URL's host name is this machine. */
function isLoopback (hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/**
 * An origin: a URL of {@link requireUrl} without path and query.
 *
 * @throws {ConfigError}
 */
export function requireOrigin (name: string, value: unknown, httpHost?: string): string {
  const url = requireUrl(name, value, httpHost)
  if (url.pathname !== '/' || url.search !== '') throw new ConfigError(`The option ${name} must be an origin, without a path.`)
  return url.origin
}

/**
 * The name of a host as it stands in a URL, without a port.
 *
 * @throws {ConfigError}
 */
export function requireHost (name: string, value: unknown): string {
  const host = requireText(name, value)
  if (URL.canParse(`http://${host}`) && new URL(`http://${host}`).hostname === host) return host
  throw new ConfigError(`The option ${name} must be the name of a host, in lower case and without a port.`)
}

/**
 * A clock, completed with the machine's own.
 *
 * @throws {ConfigError}
 */
export function requireClock (clock: Optional<Clock> = {}): Clock {
  if (typeof clock !== 'object' || clock === null) throw new ConfigError('The option clock must be an object.')
  requireFunctions({ 'clock.now': clock.now, 'clock.monotonic': clock.monotonic, 'clock.wait': clock.wait })
  return toClock(clock)
}

/** A positive integer. @throws {ConfigError} */
export function requireCount (name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw new ConfigError(`The option ${name} must be a positive integer.`)
}

/** @throws {ConfigError} something given is no function */
export function requireFunctions (given: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && typeof value !== 'function') throw new ConfigError(`The option ${name} must be a function.`)
  }
}

/**
 * An object of known names only: a misspelt option would be a rule that is not in force.
 *
 * @param prefix the option that the object is, with a dot, or `''` for the options themselves
 * @throws {ConfigError}
 */
export function requireKnown (prefix: string, value: unknown, names: object): void {
  if (value === undefined) return
  const option = prefix === '' ? 'options' : `option ${prefix.slice(0, -1)}`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConfigError(`The ${option} must be an object.`)
  const unknown = unknownIn(value, names)
  if (unknown !== undefined) throw new ConfigError(`The option ${prefix}${unknown} is not known.`)
}

/**
 * The same for what a call takes: a misspelt condition would be none, and the call would do more than was meant.
 *
 * @throws {ConfigError}
 */
export function requireKnownOf (call: string, value: unknown, names: object): void {
  if (value === undefined) return
  if (typeof value !== 'object' || value === null) throw new ConfigError(`The options of ${call} must be an object.`)
  const unknown = unknownIn(value, names)
  if (unknown !== undefined) throw new ConfigError(`The option ${unknown} of ${call} is not known.`)
}

function unknownIn (value: object, names: object): string | undefined {
  return Object.keys(value).find((name) => !Object.hasOwn(names, name))?.slice(0, 40)
}
