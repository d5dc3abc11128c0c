import { ConfigError, createMiroAuth, type MiroAuth } from '@miro-oauth/core'
import type { FastifyInstance, FastifyRequest, preHandlerHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { createAppMiro, type AppMiro } from './app-miro.js'
import { logEvents } from './events/event-log.js'
import { HookRunner } from './events/hook-runner.js'
import { FlowCookies } from './flow/flow-cookies.js'
import { FlowSeal } from './flow/flow-seal.js'
import { SpentFlows } from './flow/spent-flows.js'
import { LinkedGrants } from './grants/linked-grants.js'
import { Cookies } from './http/cookies.js'
import { ConnectMode } from './mode/connect-mode.js'
import { SignInMode } from './mode/sign-in-mode.js'
import { registerOAuth2 } from './oauth/oauth2-client.js'
import type { FastifyMiroOptions } from './options.js'
import { findRegistration, toRegistration } from './registration.js'
import { RequestState } from './request/request-state.js'
import { registerRoutes } from './routes/register-routes.js'
import type { RouteContext } from './routes/route-context.js'
import { SessionCookie } from './session/session-cookie.js'
import { Sessions } from './session/sessions.js'
import { toSettings, type Settings } from './settings.js'

async function miro (app: FastifyInstance, options: FastifyMiroOptions): Promise<void> {
  const settings = toSettings(options, app.prefix)
  const { decorator } = settings
  if (app.hasDecorator(decorator) || app.hasRequestDecorator(decorator)) {
    throw new ConfigError('The option decorator names a decorator that exists already.')
  }
  const { clientId, clientSecret, store, clock, endpoints: { apiUrl }, fetch, refresh } = settings
  const onEvent = logEvents(app.log, settings.onEvent)
  const auth = createMiroAuth({ clientId, clientSecret, store, clock, endpoints: { apiUrl }, fetch, refresh, onEvent })
  const parts = createParts(settings, auth)
  const stateOf = oncePerObject((request: FastifyRequest) => new RequestState(parts, request))
  const appMiro = toRegistration(createAppMiro(parts, stateOf), parts.mode)

  app.decorate(decorator, appMiro)
  app.decorateRequest(decorator, { getter () { return stateOf(this).miro } })
  app.addHook('preHandler', requireWhereConfigured(decorator, appMiro))
  parts.mode.addHooks(app)
  app.addHook('onClose', () => auth.close())
  if (!settings.hasRoutes) return
  app.register(async (scope) => {
    registerRoutes(scope, { ...parts, oauth2: await registerOAuth2(scope, settings) })
  })
}

/** The hook behind the route option `config.miro.required`. */
function requireWhereConfigured (decorator: string, { requireGrant }: AppMiro): preHandlerHookHandler {
  return (request, reply, done) => {
    const { required, app: name = decorator } = request.routeOptions.config.miro ?? {}
    if (required !== true) return done()
    if (name === decorator) return requireGrant(request, reply)
    // A misspelt name must not leave the route open, not even where it is another plugin's decorator, such as
    // `session`.
    if (findRegistration(request.server, name) !== null) return done()
    throw new ConfigError('The route option config.miro.app names no registration of the Miro plugin.')
  }
}

function createParts (settings: Settings, auth: MiroAuth): Omit<RouteContext, 'oauth2'> {
  const { appUserId, clientId, clock, session, cookieSecret } = settings
  const { store } = auth
  const cookies = new Cookies(settings)
  const flowCookies = new FlowCookies({ cookies, clock, seal: new FlowSeal(cookieSecret) })
  const sessionCookie = new SessionCookie(cookies, session.absoluteMs)
  const sessions = new Sessions({ store, clock, clientId, ...session })
  const linked = new LinkedGrants(auth, { sameUserOnly: appUserId === undefined })
  return {
    settings,
    auth,
    flowCookies,
    spentFlows: new SpentFlows({ store, clock, clientId }),
    mode: appUserId === undefined
      ? new SignInMode({ auth, flowCookies, sessionCookie, sessions })
      : new ConnectMode({ auth, appUserId }),
    linked,
    hooks: new HookRunner(settings.hooks, auth)
  }
}

/**
 * Makes a value once per object and keeps it on the object itself: a WeakMap would make every garbage collection
 * longer.
 */
function oncePerObject<K extends object, V> (make: (key: K) => V): (key: K) => V {
  const slot = Symbol('miro')
  return (key: K & { [slot]?: V }) => (key[slot] ??= make(key))
}

/**
 * Sign in with Miro, or "Connect Miro" for users of the app's own: registers login, callback, logout and disconnect,
 * and gives every request a Miro client.
 *
 * @throws {ConfigError} at registration, naming the wrong option and never its value
 */
export const fastifyMiro = fp(miro, { name: '@miro-oauth/fastify', fastify: '>=5.12.2 <6' })
