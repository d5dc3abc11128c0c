import { ConfigError, memoryStore, type Store } from '@miro-oauth/core'
import { toReturnTo } from './flow/return-to.js'
import { checkFields, passOn, type Checked } from './option-checks.js'
import { optionTable } from './option-table.js'
import type { FastifyMiroOptions } from './options.js'
import { toRoutePaths, type RoutePaths } from './route-paths.js'

/** The options, checked and with their defaults, and what follows from them. */
export interface Settings extends Omit<Checked<typeof optionTable>, 'routes' | 'clientSecret'>, RoutePaths {
  store: Store
  /** Whether the store is a memory that no other registration knows. */
  hasOwnStore: boolean
  /** The secret that is sent to Miro. */
  clientSecret: string
  /** The same, and those that still verify id tokens. */
  clientSecrets: readonly [string, ...string[]]
  /** The app's own origin: that of the redirect URI. */
  origin: string
  /** `false`: the plugin has no routes, and so no login to send a browser to. */
  hasRoutes: boolean
  /** The app's own page for failures; `null`: the plugin's. */
  errorPage: string | null
}

/** What Fastify's own `register` takes beside a plugin's options. */
const registerOptions = { prefix: refusePrefix, logLevel: passOn, logSerializers: passOn }

/**
 * @param scopePrefix the prefix of the scope that the plugin is registered in
 * @throws {ConfigError} naming the option, never its value
 */
export function toSettings (options: FastifyMiroOptions, scopePrefix: string): Settings {
  const checked = checkFields({ ...optionTable, ...registerOptions }, options)
  const { origin, pathname } = new URL(checked.redirectUri)
  const prefix = scopePrefix.replace(/\/$/, '')
  const routes: Partial<Exclude<typeof checked.routes, false>> = checked.routes || {}
  const settings = {
    ...checked,
    clientSecret: checked.clientSecret[0],
    clientSecrets: checked.clientSecret,
    store: checked.store ?? memoryStore({ clock: checked.clock }),
    hasOwnStore: checked.store === undefined,
    origin,
    ...toRoutePaths({ routes, prefix, decorator: checked.decorator, callback: pathname, panel: checked.panel }),
    hasRoutes: checked.routes !== false,
    errorPage: routes.error ?? null
  }
  requireCallbackBelow(prefix, settings)
  requireNoLoop(settings)
  requireEffect(options)
  return settings
}

function requireCallbackBelow (prefix: string, { paths }: Settings): void {
  if (prefix === '' || paths.callback.startsWith(`${prefix}/`)) return
  throw new ConfigError('The option redirectUri must lie below the prefix of the scope the plugin is registered in.')
}

function requireNoLoop ({ paths, ownPaths, errorPage, defaultReturnTo, afterLogout, appLogin = '/', origin }: Settings): void {
  if (new Set(ownPaths).size < ownPaths.length) {
    throw new ConfigError('The options routes and redirectUri must name different paths.')
  }
  for (const [name, target] of Object.entries({ defaultReturnTo, afterLogout, appLogin, 'routes.error': errorPage ?? '/' })) {
    if (isFirstPage(target, origin) && isFirstPage(paths.callback, origin)) {
      throw new ConfigError('The option redirectUri must have a path of its own, such as /auth/miro/callback: ' +
        `/ is where ${name} leads.`)
    }
    if (toReturnTo(target, origin, { forbidden: ownPaths }) !== null) continue
    throw new ConfigError(`The option ${name} must not lead to a route of this plugin.`)
  }
}

function isFirstPage (path: string, origin: string): boolean {
  return /^\/+$/.test(new URL(origin + path).pathname)
}

/** Fastify ignores the `prefix` of a plugin that decorates its parent. */
function refusePrefix (_name: string, prefix: unknown): void {
  if (prefix === undefined) return
  throw new ConfigError('The option prefix has no effect here: register the plugin in a scope with that prefix.')
}

/** Refuses options that have no effect: an app that sets one relies on a rule that is not in force. */
function requireEffect ({ appUserId, appLogin, session, routes, panel = false }: FastifyMiroOptions): void {
  const { connect, panelScript } = routes === false ? {} : routes ?? {}
  if (!panel && (connect !== undefined || panelScript !== undefined)) {
    throw new ConfigError('The options routes.connect and routes.panelScript need the option panel: true.')
  }
  if (appUserId === undefined) {
    if (appLogin === undefined) return
    throw new ConfigError('The option appLogin has no meaning without appUserId: the plugin is the login.')
  }
  const withoutEffect = { session, 'routes.logout': routes === false ? undefined : routes?.logout }
  for (const [name, value] of Object.entries(withoutEffect)) {
    if (value === undefined) continue
    throw new ConfigError(`The option ${name} has no meaning together with appUserId: the app's own sessions count.`)
  }
}
