import { ConfigError, memoryStore, type Clock, type Store } from '@miro-oauth/core'
import { requireClock, requireFunctions, requireOrigin, requireText, requireUrl } from '@miro-oauth/core/internal'
import type { CookieSecrets } from './flow/flow-seal.js'
import { toReturnTo } from './flow/return-to.js'
import type { AppUserId, ChooseGrant, FastifyMiroHooks, FastifyMiroOptions, FastifyMiroRoutes, RouteName } from './options.js'

/** Options checked, with every default filled in. */
export interface Settings {
  clientId: string
  clientSecret: string
  /** To the letter as it was given: Miro compares the whole text, and parsing may change it. */
  redirectUri: string
  /** The app's own origin, that of the redirect URI. */
  origin: string
  cookieSecrets: CookieSecrets
  store: Store
  /** The app's own login; `null` in sign-in mode. */
  appUserId: AppUserId | null
  grant: ChooseGrant | undefined
  requiredScopes: readonly string[]
  /** Absolute paths, as a browser asks for them. */
  paths: Record<RouteName, string>
  /** `false`: the plugin has no routes, and so no login to send a browser to. */
  hasRoutes: boolean
  /** The app's own page for failures; `null`: ours. */
  errorPage: string | null
  defaultReturnTo: string
  afterLogout: string
  returnToOrigins: readonly string[]
  session: { idleMs: number, absoluteMs: number }
  onUnauthenticated: 'auto' | 'error'
  hooks: FastifyMiroHooks
  authorizeUrl: URL
  apiUrl: string
  decorator: string
  clock: Clock
}

const dayMs = 86_400_000
/** Browsers keep no cookie for longer. */
const maxSessionMs = 400 * dayMs

const known: Record<keyof FastifyMiroOptions, true> = {
  clientId: true,
  clientSecret: true,
  redirectUri: true,
  cookieSecret: true,
  store: true,
  appUserId: true,
  grant: true,
  requiredScopes: true,
  routes: true,
  defaultReturnTo: true,
  afterLogout: true,
  returnToOrigins: true,
  session: true,
  onUnauthenticated: true,
  hooks: true,
  endpoints: true,
  decorator: true,
  clock: true,
  fetch: true,
  refresh: true,
  onEvent: true
}
const knownRoutes: Record<keyof FastifyMiroRoutes, true> = { login: true, logout: true, disconnect: true, error: true }
const knownHooks: Record<keyof FastifyMiroHooks, true> = { onConnected: true, onDeclined: true, onReauthorize: true, onDisconnected: true }
/** What Fastify's own `register` takes beside a plugin's options. */
const ofRegister: Record<string, true> = { prefix: true, logLevel: true, logSerializers: true }

/**
 * @param scopePrefix the prefix of the scope the plugin is registered in
 * @throws {ConfigError} naming the option, never its value
 */
export function toSettings (options: FastifyMiroOptions, scopePrefix: string): Settings {
  checkShapes(options)
  const prefix = scopePrefix.replace(/\/$/, '')
  const decorator = options.decorator ?? 'miro'
  if (!/^[a-z]\w*$/i.test(decorator)) throw new ConfigError('The option decorator must be a plain identifier.')
  const redirectUri = requireUrl('redirectUri', options.redirectUri)
  const clock = requireClock(options.clock)
  const routes = options.routes === false ? {} : options.routes ?? {}
  const settings: Settings = {
    clientId: requireText('clientId', options.clientId),
    clientSecret: requireText('clientSecret', options.clientSecret),
    redirectUri: requireText('redirectUri', options.redirectUri),
    origin: redirectUri.origin,
    cookieSecrets: requireSecrets(options.cookieSecret),
    store: options.store ?? memoryStore({ clock }),
    appUserId: options.appUserId ?? null,
    grant: options.grant,
    requiredScopes: requireTexts('requiredScopes', options.requiredScopes).map((scope) => requireText('requiredScopes', scope)),
    paths: {
      login: prefix + requireRoute('routes.login', routes.login ?? `/auth/${decorator}/login`),
      callback: redirectUri.pathname,
      logout: prefix + requireRoute('routes.logout', routes.logout ?? `/auth/${decorator}/logout`),
      disconnect: prefix + requireRoute('routes.disconnect', routes.disconnect ?? `/auth/${decorator}/disconnect`)
    },
    hasRoutes: options.routes !== false,
    errorPage: routes.error === undefined ? null : requireRoute('routes.error', routes.error),
    defaultReturnTo: requirePath('defaultReturnTo', options.defaultReturnTo ?? '/'),
    afterLogout: requirePath('afterLogout', options.afterLogout ?? '/'),
    returnToOrigins: requireTexts('returnToOrigins', options.returnToOrigins).map((origin) => requireOrigin('returnToOrigins', origin)),
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
  requireNoLoop(settings)
  requireNoPrefix(options)
  requireEffect(options)
  return settings
}

/** A misspelt or misshapen option would be a rule that is not in force. */
function checkShapes (options: FastifyMiroOptions): void {
  requireKnown('', options, { ...known, ...ofRegister })
  if (options.routes !== false) requireKnown('routes.', options.routes, knownRoutes)
  requireKnown('hooks.', options.hooks, knownHooks)
  requireKnown('session.', options.session, { idleMs: true, absoluteMs: true })
  requireKnown('endpoints.', options.endpoints, { authorizeUrl: true, apiUrl: true })
  requireFunctions({ onEvent: options.onEvent, fetch: options.fetch, appUserId: options.appUserId, grant: options.grant })
  requireFunctions(Object.fromEntries(Object.entries(options.hooks ?? {}).map(([name, hook]) => [`hooks.${name}`, hook])))
}

function requireKnown (prefix: string, value: unknown, names: Record<string, true>): void {
  if (value === undefined) return
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConfigError(`The option ${prefix.replace('.', '')} must be an object.`)
  const unknown = Object.keys(value).find((name) => names[name] !== true)
  if (unknown !== undefined) throw new ConfigError(`The option ${prefix}${unknown.slice(0, 40)} is not known.`)
}

/** An option that has no effect is a rule that somebody believes in. */
function requireEffect ({ appUserId, session, routes }: FastifyMiroOptions): void {
  if (appUserId === undefined) return
  const useless = { session, 'routes.logout': routes === false ? undefined : routes?.logout }
  for (const [name, value] of Object.entries(useless)) {
    if (value !== undefined) throw new ConfigError(`The option ${name} has no meaning together with appUserId: the app's own sessions count.`)
  }
}

/** `register` ignores the prefix of a plugin that decorates its parent. */
function requireNoPrefix ({ prefix }: FastifyMiroOptions & { prefix?: unknown }): void {
  if (prefix !== undefined) throw new ConfigError('The option prefix has no effect here: register the plugin in a scope with that prefix.')
}

function requireTexts (name: string, value: unknown): unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new ConfigError(`The option ${name} must be an array.`)
  return value
}

function requireNoLoop ({ paths, errorPage, defaultReturnTo, afterLogout, origin }: Settings): void {
  const ownPaths = Object.values(paths)
  if (new Set(ownPaths).size < ownPaths.length) throw new ConfigError('The options routes and redirectUri must name different paths.')
  for (const [name, target] of Object.entries({ defaultReturnTo, afterLogout, 'routes.error': errorPage ?? '/' })) {
    if (toReturnTo(target, origin, { forbidden: ownPaths }) === null) throw new ConfigError(`The option ${name} must not lead to a route of this plugin.`)
  }
}

function requireSecrets (value: unknown): CookieSecrets {
  const [first, ...others]: unknown[] = Array.isArray(value) ? value : [value]
  return [requireSecret(first), ...others.map(requireSecret)]
}

function requireSecret (value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ConfigError('The option cookieSecret is missing.')
  if (value.length < 32) throw new ConfigError('The option cookieSecret must have at least 32 characters.')
  return value
}

/** A path on our own origin, as it would stand in a link. */
function requirePath (name: string, value: unknown): string {
  if (typeof value !== 'string' || !/^\/(?!\/)[\w\-.~/%?=&]*$/.test(value)) {
    throw new ConfigError(`The option ${name} must be a path such as /boards.`)
  }
  return value
}

/** The path of a route: plain segments, since routes, links and comparisons must all mean the same by it. */
function requireRoute (name: string, value: unknown): string {
  if (typeof value !== 'string' || !/^(\/[\w\-~]+(\.[\w\-~]+)*)+$/.test(value)) {
    throw new ConfigError(`The option ${name} must be a plain path such as /auth/miro/login.`)
  }
  return value
}

function requireDuration (name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 1000 && value <= maxSessionMs) return value
  throw new ConfigError(`The option ${name} must be milliseconds: a second at least, 400 days at most.`)
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
