import {
  ConfigError, memoryStore, requireOrigin, requireText, requireUrl, toClock,
  type Clock, type Fetch, type Grant, type GrantRef, type OnEvent, type ReauthorizeReason, type RefreshLimits, type Store
} from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'

/** Called and awaited at the named moment; what a hook throws is logged and changes nothing. */
export interface FastifyMiroHooks {
  /** A grant was stored and its person signed in. */
  onConnected?: (event: { request: FastifyRequest, grant: Grant }) => unknown
  /** The person said no. */
  onDeclined?: (event: { request: FastifyRequest }) => unknown
  /** A request found that Miro refused its grant. */
  onReauthorize?: (event: { request: FastifyRequest, ref: GrantRef, reason: ReauthorizeReason }) => unknown
  /** A grant was disconnected here; `revoked`: Miro confirmed that its tokens are dead. */
  onDisconnected?: (event: { request: FastifyRequest, ref: GrantRef, revoked: boolean }) => unknown
}

/** Where the plugin's own routes are; the callback's path is that of `redirectUri`. */
export interface FastifyMiroRoutes {
  /** Default `/auth/<decorator>/login`. */
  login?: string
  /** Default `/auth/<decorator>/logout`. */
  logout?: string
  /** Default `/auth/<decorator>/disconnect`. */
  disconnect?: string
}

/** Options of the plugin. `undefined` from the environment type-checks, and fails at registration with the option's name. */
export interface FastifyMiroOptions {
  /** The app's client id, from its settings in Miro. */
  clientId: string | undefined
  clientSecret: string | undefined
  /** Absolute, and identical in Miro's app settings. Never derived from a request. https, or http on loopback. */
  redirectUri: string | undefined
  /** Seals the cookies of sign-in flows: at least 32 characters. Of several, the first seals and all open. */
  cookieSecret: string | string[] | undefined
  /** Default `memoryStore()`: one process, forgotten at a restart. */
  store?: Store | undefined
  routes?: FastifyMiroRoutes | undefined
  /** Where a login goes that asks for nothing else. Default `/`. */
  defaultReturnTo?: string | undefined
  /** Where logout and disconnect go. Default `/`. */
  afterLogout?: string | undefined
  session?: {
    /** A session ends after this long without a request, in milliseconds. Default 7 days. */
    idleMs?: number
    /** A session ends this long after login whatever happens, in milliseconds. Default 30 days. */
    absoluteMs?: number
  } | undefined
  /** `auto`: pages are sent to login, everything else gets 401. `error`: always throw. Default `auto`. */
  onUnauthenticated?: 'auto' | 'error' | undefined
  hooks?: FastifyMiroHooks | undefined
  /** Where Miro is. http on loopback only. */
  endpoints?: {
    /** Default `https://miro.com/oauth/authorize`. */
    authorizeUrl?: string | undefined
    /** An origin. Default `https://api.miro.com`. */
    apiUrl?: string | undefined
  } | undefined
  /** Names the decorators, the default paths and the cookies: two Miro apps fit in one server. Default `miro`. */
  decorator?: string | undefined
  /** What it leaves out is the machine's own. */
  clock?: Partial<Clock> | undefined
  /** A stand-in for `fetch`; the exchange of a code does not use it. */
  fetch?: Fetch | undefined
  /** How long refreshes may take. */
  refresh?: Partial<RefreshLimits> | undefined
  /** Receives every event, beside the log. */
  onEvent?: OnEvent | undefined
}

/** Options checked, with every default filled in. */
export interface Settings {
  clientId: string
  clientSecret: string
  /** To the letter as it was given: Miro compares the whole text, and parsing may change it. */
  redirectUri: string
  /** The app's own origin, that of the redirect URI. */
  origin: string
  cookieSecrets: string[]
  store: Store
  /** Absolute paths, as a browser asks for them. */
  paths: { login: string, callback: string, logout: string, disconnect: string }
  defaultReturnTo: string
  afterLogout: string
  session: { idleMs: number, absoluteMs: number }
  onUnauthenticated: 'auto' | 'error'
  hooks: FastifyMiroHooks
  authorizeUrl: URL
  apiUrl: string
  decorator: string
  clock: Clock
}

const dayMs = 86_400_000

/**
 * @param prefix of the scope the plugin is registered in
 * @throws {ConfigError} naming the option, never its value
 */
export function toSettings (options: FastifyMiroOptions, prefix: string): Settings {
  const decorator = options.decorator ?? 'miro'
  if (!/^[a-z]\w*$/i.test(decorator)) throw new ConfigError('The option decorator must be a plain identifier.')
  const redirectUri = requireUrl('redirectUri', options.redirectUri)
  const clock = toClock(options.clock)
  const settings: Settings = {
    clientId: requireText('clientId', options.clientId),
    clientSecret: requireText('clientSecret', options.clientSecret),
    redirectUri: requireText('redirectUri', options.redirectUri),
    origin: redirectUri.origin,
    cookieSecrets: requireSecrets(options.cookieSecret),
    store: options.store ?? memoryStore({ clock }),
    paths: {
      login: prefix + requirePath('routes.login', options.routes?.login ?? `/auth/${decorator}/login`),
      callback: redirectUri.pathname,
      logout: prefix + requirePath('routes.logout', options.routes?.logout ?? `/auth/${decorator}/logout`),
      disconnect: prefix + requirePath('routes.disconnect', options.routes?.disconnect ?? `/auth/${decorator}/disconnect`)
    },
    defaultReturnTo: requirePath('defaultReturnTo', options.defaultReturnTo ?? '/'),
    afterLogout: requirePath('afterLogout', options.afterLogout ?? '/'),
    session: {
      idleMs: requireDuration('session.idleMs', options.session?.idleMs ?? 7 * dayMs),
      absoluteMs: requireDuration('session.absoluteMs', options.session?.absoluteMs ?? 30 * dayMs)
    },
    onUnauthenticated: requireOneOf('onUnauthenticated', ['auto', 'error'], options.onUnauthenticated ?? 'auto'),
    hooks: options.hooks ?? {},
    authorizeUrl: requireUrl('endpoints.authorizeUrl', options.endpoints?.authorizeUrl ?? 'https://miro.com/oauth/authorize'),
    apiUrl: requireOrigin('endpoints.apiUrl', options.endpoints?.apiUrl ?? 'https://api.miro.com'),
    decorator,
    clock
  }
  requirePlainCallback(redirectUri, prefix)
  if (new Set(Object.values(settings.paths)).size < Object.keys(settings.paths).length) {
    throw new ConfigError('The options routes and redirectUri must name different paths.')
  }
  return settings
}

function requireSecrets (value: unknown): string[] {
  const secrets = Array.isArray(value) ? value : [value]
  if (secrets.length === 0) throw new ConfigError('The option cookieSecret is missing.')
  for (const secret of secrets) {
    if (typeof secret !== 'string' || secret === '') throw new ConfigError('The option cookieSecret is missing.')
    if (secret.length < 32) throw new ConfigError('The option cookieSecret must have at least 32 characters.')
  }
  return secrets
}

/** A path on our own origin, as it would stand in a link. */
function requirePath (name: string, value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?!\/)[\w\-.~/%?=&]*$/.test(value)) {
    throw new ConfigError(`The option ${name} must be a path such as /auth/miro/login.`)
  }
  return value
}

function requireDuration (name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value
  throw new ConfigError(`The option ${name} must be a positive number of milliseconds.`)
}

function requireOneOf<T extends string> (name: string, allowed: readonly T[], value: string): T {
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw new ConfigError(`The option ${name} must be one of ${allowed.join(', ')}.`)
  return found
}

function requirePlainCallback ({ search, pathname }: URL, prefix: string): void {
  if (search !== '') throw new ConfigError('The option redirectUri must have no query.')
  if (!/^\/[\w\-.~/]*$/.test(pathname)) throw new ConfigError('The path of the option redirectUri must be plain.')
  if (prefix !== '' && !pathname.startsWith(`${prefix}/`)) {
    throw new ConfigError('The option redirectUri must lie below the prefix of the scope the plugin is registered in.')
  }
}
