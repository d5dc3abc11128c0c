import { toClock, type Clock } from './clock.js'
import { graceMs } from './deadline.js'
import { ConfigError } from './errors.js'
import type { OnEvent } from './events.js'
import { leaseToRequestMs, defaultLimits, type RefreshLimits } from './refresh/limits.js'
import type { Store } from './store/store.js'
import type { Fetch } from './wire/fetch.js'
import type { AppCredentials } from './wire/oauth-endpoints.js'

/** What {@link createMiroAuth} takes. `undefined` from the environment type-checks, and fails with the option's name. */
export interface MiroAuthOptions {
  /** The app's client id, from its settings in Miro. */
  clientId: string | undefined
  /** The app's client secret. It goes to Miro, in request bodies only. */
  clientSecret: string | undefined
  /** Where grants and links live. */
  store: Store
  endpoints?: {
    /** Where Miro's API is: an origin. Default `https://api.miro.com`; http on loopback only. */
    apiUrl?: string | undefined
  } | undefined
  /** A stand-in for the global `fetch`. */
  fetch?: Fetch | undefined
  /** What it leaves out is the machine's own. */
  clock?: Partial<Clock> | undefined
  /** How long things may take; see {@link RefreshLimits}. */
  refresh?: Partial<RefreshLimits> | undefined
  /** Receives every {@link MiroEvent}, for logs and counters. */
  onEvent?: OnEvent | undefined
}

/** Options with every default filled in. */
export interface MiroAuthSettings extends AppCredentials {
  store: Store
  fetch: Fetch
  clock: Clock
  limits: RefreshLimits
  onEvent: OnEvent
}

/** @throws {ConfigError} naming the option, never its value */
export function toSettings (options: MiroAuthOptions): MiroAuthSettings {
  checkShapes(options)
  return {
    clientId: requireText('clientId', options.clientId),
    clientSecret: requireText('clientSecret', options.clientSecret),
    apiUrl: requireOrigin('endpoints.apiUrl', options.endpoints?.apiUrl ?? 'https://api.miro.com'),
    store: requireStore(options.store),
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    clock: requireClock(options.clock),
    limits: requireLimits({ ...defaultLimits, ...options.refresh }),
    onEvent: options.onEvent ?? (() => {})
  }
}

/**
 * A text that can stand in a form, a header and a log line: not empty, visible ASCII.
 *
 * @throws {ConfigError}
 */
export function requireText (name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ConfigError(`The option ${name} is missing.`)
  if (!/^[\x21-\x7e]+$/.test(value)) throw new ConfigError(`The option ${name} holds white space or other unexpected characters.`)
  return value
}

/**
 * An absolute https URL, or http on loopback.
 *
 * @throws {ConfigError}
 */
export function requireUrl (name: string, value: unknown): URL {
  const text = requireText(name, value)
  if (!URL.canParse(text)) throw new ConfigError(`The option ${name} must be an absolute URL.`)
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
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
export function requireOrigin (name: string, value: unknown): string {
  const url = requireUrl(name, value)
  if (url.pathname !== '/' || url.search !== '') throw new ConfigError(`The option ${name} must be an origin, without a path.`)
  return url.origin
}

/** @throws {ConfigError} */
export function requireStore (store: unknown): Store {
  if (isStore(store)) return store
  throw new ConfigError('The option store must have the methods get and cas.')
}

function isStore (store: unknown): store is Store {
  return typeof store === 'object' && store !== null && 'get' in store && typeof store.get === 'function' &&
    'cas' in store && typeof store.cas === 'function'
}

/** Without a type checker a wrong shape would be noticed only when it is needed, or never. */
function checkShapes ({ fetch, onEvent, endpoints, refresh }: MiroAuthOptions): void {
  for (const [name, value] of Object.entries({ endpoints, refresh })) {
    if (value !== undefined && (typeof value !== 'object' || value === null)) throw new ConfigError(`The option ${name} must be an object.`)
  }
  requireFunctions({ fetch, onEvent })
}

/**
 * A clock that takes from the machine what it is not given.
 *
 * @throws {ConfigError}
 */
export function requireClock (clock: Partial<Clock> = {}): Clock {
  if (typeof clock !== 'object' || clock === null) throw new ConfigError('The option clock must be an object.')
  requireFunctions({ 'clock.now': clock.now, 'clock.monotonic': clock.monotonic, 'clock.wait': clock.wait })
  return toClock(clock)
}

/** @throws {ConfigError} something given is no function */
export function requireFunctions (given: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && typeof value !== 'function') throw new ConfigError(`The option ${name} must be a function.`)
  }
}

/** A longer timer fires at once. */
const longestTimerMs = 2 ** 31 - 1

function requireLimits (limits: RefreshLimits): RefreshLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in defaultLimits)) throw new ConfigError(`The option refresh.${name.slice(0, 40)} is not known.`)
    if (typeof value !== 'number' || !(value > 0 && value <= longestTimerMs)) throw new ConfigError(`The option refresh.${name} must be a positive number of milliseconds, at most ${longestTimerMs}.`)
  }
  // A lease that ends before its request does would let two processes send the same refresh token.
  if (limits.requestMs + leaseToRequestMs(limits) + graceMs >= limits.leaseMs) {
    throw new ConfigError(`The option refresh.requestMs must be shorter than refresh.leaseMs by more than ${leaseToRequestMs(limits) + graceMs} ms.`)
  }
  return limits
}
