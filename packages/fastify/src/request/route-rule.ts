import { ConfigError } from '@miro-oauth/core'
import type { FastifyRequest, RouteOptions } from 'fastify'

/** The rule of the plugin's own routes stands here in their config: only they may have `route`. */
export const ownRoute = Symbol('ownRoute')

/**
 * What a route of a panel is: `true`, one that acts for the grant of the person at the board; `identity`, one that only
 * asks who that is; `page`, a page for Miro's iframe. `false`: no panel's, where sessions count.
 */
export type PanelRule = boolean | 'identity' | 'page'

/** What a route requires, by its `config.miro`. */
export interface RouteRule {
  /** Whether only requests with a grant reach the handler. */
  required: boolean
  panel: PanelRule
  /** The decorator of the registration that is meant; `null`: each registration requires a grant of its own. */
  app: string | null
}

const noRule: RouteRule = { required: false, panel: false, app: null }

/**
 * Reads `config.miro` of a route. Whatever is not plainly understood is refused, since it would leave the route open.
 *
 * @throws {ConfigError} saying what is wrong, without a value
 */
function parseRouteRule (config: unknown): RouteRule {
  if (config === undefined) return noRule
  if (typeof config !== 'object' || config === null || Array.isArray(config)) throw wrong('must be an object, such as { required: true }')
  const own = (config as { [ownRoute]?: Partial<RouteRule> })[ownRoute]
  if (own !== undefined) return { ...noRule, ...own }
  const { required, app, panel, ...others } = config as { required?: unknown, app?: unknown, panel?: unknown }
  const [unknown] = Object.keys(others)
  if (unknown === 'route') throw wrong('must not have the field route, which is for the plugin\'s own routes')
  if (unknown !== undefined) throw wrong(`has the field ${unknown.slice(0, 40)}, which is not known: it takes required, panel and app`)
  if (app !== undefined && (typeof app !== 'string' || app === '')) throw wrong('must have in the field app the decorator of a registration, or no such field')
  return { ...parseNeeds(config, { required, panel }), app: app ?? null }
}

/** The rules of routes, for the requests that come to them. */
export class RouteRules {
  readonly #known = new WeakMap<object, RouteRule>()

  /**
   * The rule of the route that a request came to. It is parsed at the route's first request, when every plugin has had
   * its say about the config: at each request, parsing would cost as much as finding out who sent it.
   *
   * @throws {ConfigError} at each request, where it cannot be understood
   */
  of (request: Pick<FastifyRequest, 'routeOptions'>): RouteRule {
    const config: unknown = request.routeOptions.config.miro
    if (typeof config !== 'object' || config === null) return parseRouteRule(config)
    const known = this.#known.get(config)
    if (known !== undefined) return known
    const rule = parseRouteRule(config)
    this.#known.set(config, rule)
    return rule
  }
}

function parseNeeds (config: object, { required, panel }: { required: unknown, panel: unknown }): Pick<RouteRule, 'required' | 'panel'> {
  const isPanel = Object.hasOwn(config, 'panel')
  if (isPanel && !isPanelRule(panel)) throw wrong('must have in the field panel one of true, false, \'identity\' and \'page\'')
  const rule = isPanel ? panel as PanelRule : false
  const isSilent = !Object.hasOwn(config, 'required')
  if (isSilent && rule !== false) return { required: false, panel: rule }
  if (typeof required !== 'boolean' || isSilent) throw wrong('must have the field required, which is true or false')
  if (required && typeof rule === 'string') throw wrong(`cannot require a grant beside panel: '${rule}', which reads none`)
  return { required, panel: rule }
}

export function isPanelRule (value: unknown): value is PanelRule {
  return typeof value === 'boolean' || value === 'identity' || value === 'page'
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
