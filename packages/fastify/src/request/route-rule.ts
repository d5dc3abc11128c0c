import { ConfigError } from '@miro-oauth/core'
import type { RouteOptions } from 'fastify'

/** Marks the config of the plugin's own routes: only they may have `route`. */
export const ownRoute = Symbol('ownRoute')

/** Which grant a route requires, by its `config.miro`. */
export type RouteRule =
  | { required: false }
  /** `app`: the decorator of a registration; `null`: each registration requires a grant of its own. */
  | { required: true, app: string | null }

/**
 * Reads `config.miro` of a route. Whatever is not plainly understood is refused, since it would leave the route open.
 *
 * @throws {ConfigError} saying what is wrong, without a value
 */
export function parseRouteRule (config: unknown): RouteRule {
  if (config === undefined) return { required: false }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) throw wrong('must be an object, such as { required: true }')
  if (Object.hasOwn(config, ownRoute)) return { required: false }
  const { required, app, ...others } = config as { required?: unknown, app?: unknown }
  const [unknown] = Object.keys(others)
  if (unknown === 'route') throw wrong('must not have the field route, which is for the plugin\'s own routes')
  if (unknown !== undefined) throw wrong(`has the field ${unknown.slice(0, 40)}, which is not known: it takes required and app`)
  if (typeof required !== 'boolean' || !Object.hasOwn(config, 'required')) throw wrong('must have the field required, which is true or false')
  if (app !== undefined && (typeof app !== 'string' || app === '')) throw wrong('must have in the field app the decorator of a registration, or no such field')
  return required ? { required, app: app ?? null } : { required }
}

/** The rule of a route that is being registered. @throws {ConfigError} naming the route */
export function ruleOfNewRoute (route: RouteOptions): RouteRule {
  return ofRoute(route, () => {
    if ('miro' in route) throw new ConfigError('The option miro belongs into config: { miro: … }, or it has no effect.')
    return parseRouteRule(route.config?.miro)
  })
}

/** Runs a check of a route. @throws {ConfigError} what it throws, with the route's method and address before it */
export function ofRoute<T> ({ method, url }: Pick<RouteOptions, 'method' | 'url'>, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(`The route ${[method].flat().join(', ')} ${url}: ${error.message}`)
  }
}

function wrong (what: string): ConfigError {
  return new ConfigError(`The route option config.miro ${what}.`)
}
