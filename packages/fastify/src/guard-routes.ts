import { ConfigError } from '@miro-oauth/core'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { findRegistration } from './registration.js'
import type { RequireGrant } from './request/require-grant.js'
import { ofRoute, parseRouteRule, ruleOfNewRoute } from './request/route-rule.js'

/** A route that names a registration, and the scope it is registered in. */
interface NamingRoute {
  scope: FastifyInstance
  route: RouteOptions
  app: string
}

/**
 * Enforces `config: { miro: { required: true } }`, and checks what stands there: its form when the route is registered,
 * and the registration that it names once all of them are there.
 *
 * Fastify shows a plugin no route that was registered before it has loaded, as where `register` is not awaited. Such a
 * route is checked at each request, and fails closed.
 */
export function guardRoutes (app: FastifyInstance, { decorator, requireGrant }: {
  decorator: string
  requireGrant: RequireGrant
}): void {
  const naming: NamingRoute[] = []
  app.addHook('onRoute', function (route) {
    const rule = ruleOfNewRoute(route)
    if (rule.required && rule.app !== null) naming.push({ scope: this, route, app: rule.app })
  })
  app.addHook('onReady', async () => {
    for (const { scope, route, app } of naming) ofRoute(route, () => requireRegistration(scope, app))
  })
  app.addHook('preHandler', (request, reply, done) => {
    const rule = parseRouteRule(request.routeOptions.config.miro)
    if (!rule.required) return done()
    if (rule.app === null || rule.app === decorator) return requireGrant(request, reply)
    requireRegistration(request.server, rule.app)
    return done()
  })
}

/** A misspelt name must not leave the route open, though it be another plugin's decorator, such as `session`. */
function requireRegistration (scope: FastifyInstance, name: string): void {
  if (findRegistration(scope, name) === null) throw new ConfigError('The route option config.miro.app names no registration of the Miro plugin.')
}
