import { ConfigError } from '@miro-oauth/core'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { findRegistration } from './registration.js'
import type { RequireGrant } from './request/require-grant.js'
import type { PanelGuard } from './panel/panel-guard.js'
import { ofRoute, ruleOfNewRoute, type RouteRule, type RouteRules } from './request/route-rule.js'

/** A route that names a registration, and the scope it is registered in. */
interface NamingRoute {
  scope: FastifyInstance
  route: RouteOptions
  app: string
}

/** What {@link guardRoutes} works with. */
interface GuardRoutesParts {
  decorator: string
  rules: RouteRules
  requireGrant: RequireGrant
  /** `null`: the option `panel` is off. */
  panelGuard: PanelGuard | null
}

/**
 * Enforces what stands in `config: { miro: … }` of a route, and checks it: its form when the route is registered, and
 * the registration that it names once all of them are there.
 *
 * Fastify shows a plugin no route that was registered before it has loaded, as where `register` is not awaited. Such a
 * route is checked when requests come, and fails closed.
 */
export function guardRoutes (app: FastifyInstance, parts: GuardRoutesParts): void {
  const { decorator, rules, requireGrant, panelGuard } = parts
  const naming: NamingRoute[] = []
  const isMeant = ({ app }: RouteRule): boolean => app === null || app === decorator
  app.addHook('onRoute', function (route) {
    const rule = ruleOfNewRoute(route)
    if (rule.app !== null && isGuarded(rule)) naming.push({ scope: this, route, app: rule.app })
    if (isMeant(rule)) ofRoute(route, () => requireOption(rule, panelGuard))
  })
  app.addHook('onReady', async () => {
    for (const { scope, route, app } of naming) ofRoute(route, () => requireRegistration(scope, app))
  })
  app.addHook('preHandler', (request, reply, done) => {
    const rule = rules.of(request)
    if (!isGuarded(rule)) return done()
    if (rule.app !== null && rule.app !== decorator) {
      requireRegistration(request.server, rule.app)
      return done()
    }
    if (rule.panel === false) return requireGrant(request, reply)
    const guard = requireOption(rule, panelGuard)
    return rule.panel === 'page' || guard === null ? done() : guard(request, reply, rule)
  })
}

function isGuarded ({ required, panel }: RouteRule): boolean {
  return required || panel !== false
}

/** The guard of panels; `null` where the route is none of a panel. */
function requireOption ({ panel }: RouteRule, panelGuard: PanelGuard | null): PanelGuard | null {
  if (panel === false) return null
  if (panelGuard === null) throw new ConfigError('The route option config.miro.panel needs the option panel: true of the plugin.')
  return panelGuard
}

/** A misspelt name must not leave the route open, though it be another plugin's decorator, such as `session`. */
function requireRegistration (scope: FastifyInstance, name: string): void {
  if (findRegistration(scope, name) === null) throw new ConfigError('The route option config.miro.app names no registration of the Miro plugin.')
}
