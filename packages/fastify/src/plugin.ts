import { ConfigError, createMiroAuth, type MiroAuth, type OnEvent } from '@miro-oauth/core'
import { mayHoldPlainText } from '@miro-oauth/core/internal'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { createAppMiro } from './app-miro.js'
import { createAppUrls, type AppUrls } from './app-urls.js'
import { EventLog } from './events/event-log.js'
import { HookRunner } from './events/hook-runner.js'
import { CodeExchanges } from './flow/code-exchanges.js'
import { FlowCookies } from './flow/flow-cookies.js'
import { FlowSeal } from './flow/flow-seal.js'
import { InstallCodes } from './flow/install-codes.js'
import { ResultCookie } from './flow/result-cookie.js'
import { SpentFlows } from './flow/spent-flows.js'
import { StoredTargets } from './flow/stored-targets.js'
import { GrantNames } from './grants/grant-names.js'
import { LinkedGrants } from './grants/linked-grants.js'
import { CookieSeal } from './http/cookie-seal.js'
import { Cookies } from './http/cookies.js'
import { ConnectMode } from './mode/connect-mode.js'
import { OwnSessions } from './mode/own-sessions.js'
import { SignInMode } from './mode/sign-in-mode.js'
import { registerOAuth2 } from './oauth/oauth2-client.js'
import type { FastifyMiroOptions } from './options.js'
import { findSender } from './panel/find-sender.js'
import { createPanelGuard } from './panel/panel-guard.js'
import { addPanelHooks } from './panel/panel-hooks.js'
import { createTestSigns, findRegistration, toRegistration } from './registration.js'
import { guardRoutes } from './guard-routes.js'
import { GrantRecheck } from './request/grant-recheck.js'
import { RequestState, type RequestParts } from './request/request-state.js'
import { RouteRules } from './request/route-rule.js'
import { RunningWork } from './running-work.js'
import { registerRoutes } from './routes/register-routes.js'
import type { RouteContext } from './routes/route-context.js'
import { requireOwnCookie } from './session/own-cookie.js'
import { SessionCookie } from './session/session-cookie.js'
import { SessionEvents } from './session/session-events.js'
import { Sessions } from './session/sessions.js'
import { toSettings, type Settings } from './settings.js'

async function miro (app: FastifyInstance, options: FastifyMiroOptions): Promise<void> {
  const settings = toSettings(options, app.prefix)
  const { decorator, endpoints: { authorizeUrl } } = settings
  requireFreeDecorator(app, decorator)
  if (settings.appUserId === undefined) requireOwnCookie(app.server, sessionKeeper(settings))
  const events = new EventLog(app.log, settings.onEvent)
  const auth = createAuth(settings, events.onCoreEvent)
  const parts = createParts(settings, { auth, events, log: app.log })
  if (mayHoldPlainText(settings.store)) app.log.warn(plainTextWarning)
  const urls = createAppUrls(settings)
  const rules = new RouteRules()
  const senderParts = { auth, decorator, rules, mode: parts.mode, linked: parts.linked, choose: settings.grant }
  const stateOf = oncePerObject((request: FastifyRequest) => {
    return new RequestState(parts, request, findSender(senderParts, request))
  })
  const connectUrl = settings.hasRoutes ? urls.connectUrl : () => null
  const panelGuard = settings.panel ? createPanelGuard({ settings, stateOf, connectUrl }) : null
  const appMiro = createAppMiro({ ...parts, urls, rules, panelGuard }, stateOf)

  app.decorate(decorator, toRegistration(appMiro, createTestSigns(settings, parts.mode)))
  app.decorateRequest(decorator, { getter () { return stateOf(this).miro } })
  guardRoutes(app, { decorator, rules, requireGrant: appMiro.requireGrant, panelGuard })
  if (settings.panel) addPanelHooks(app, { decorator, miroOrigin: authorizeUrl.origin, stateOf, connectUrl })
  parts.mode.addHooks(app)
  app.addHook('onClose', () => auth.close())
  if (!settings.hasRoutes) return
  app.register(async (scope) => {
    registerRoutes(scope, { ...parts, ...urls, oauth2: await registerOAuth2(scope, settings) })
  })
}

function sessionKeeper (settings: Settings): Parameters<typeof requireOwnCookie>[1] {
  const { origin, hasOwnStore } = settings
  return { cookie: new Cookies(settings).nameOf('session'), hostname: new URL(origin).hostname, hasOwnStore }
}

const plainTextWarning = 'The store holds Miro tokens in plain text, so that read access to it is enough to act for every ' +
  'user. Wrap it: store: encryptedStore(store, { keys }).'

function createAuth (settings: Settings, onEvent: OnEvent): MiroAuth {
  const { clientId, clientSecrets, store, clock, fetch, refresh, api } = settings
  const { authorizeUrl: _, ...endpoints } = settings.endpoints
  const app = { clientId, clientSecret: [...clientSecrets] }
  return createMiroAuth({ ...app, store, clock, endpoints, fetch, refresh, api, onEvent })
}

function createParts (settings: Settings, { auth, events, log }: {
  auth: MiroAuth
  events: EventLog
  log: FastifyBaseLogger
}): Omit<RouteContext, 'oauth2' | keyof AppUrls> & Pick<RequestParts, 'recheck'> {
  const { appUserId, clientId, clock, session, cookieSecret, origin, recheckAfterMs } = settings
  const { store } = auth
  const cookies = new Cookies(settings)
  const seal = new CookieSeal(cookieSecret)
  const flowCookies = new FlowCookies({
    cookies,
    clock,
    origin,
    seal: new FlowSeal(seal),
    targets: new StoredTargets({ store, clock, clientId }),
    defaultReturnTo: new URL(settings.defaultReturnTo, origin).href,
    hasPkce: settings.pkce === 'S256'
  })
  const sessionCookie = new SessionCookie(cookies, session)
  const sessionEvents = new SessionEvents(events, auth, settings)
  const sessions = new Sessions({ store, clock, clientId, events: sessionEvents, ...session })
  const ownSessions = new OwnSessions({ auth, sessions, sessionCookie, limits: session })
  const linked = new LinkedGrants(auth, { sameUserOnly: appUserId === undefined })
  return {
    settings,
    auth,
    events,
    flowCookies,
    installCodes: new InstallCodes({ store, clock, clientId }),
    disconnects: new RunningWork(),
    resultCookie: new ResultCookie({ cookies, seal, clock }),
    spentFlows: new SpentFlows({ store, clock, clientId }),
    codeExchanges: new CodeExchanges({ clock, exchangesAtOnce: settings.exchangesAtOnce }),
    installExchanges: new CodeExchanges({ clock, exchangesAtOnce: settings.exchangesAtOnce }),
    mode: appUserId === undefined
      ? new SignInMode({ auth, flowCookies, sessionCookie, sessions, ownSessions, label: session.label })
      : new ConnectMode({ auth, appUserId }),
    linked,
    names: new GrantNames(auth, clock),
    recheck: new GrantRecheck({ clock, afterMs: recheckAfterMs ?? null }),
    hooks: new HookRunner(settings.hooks, { auth, log })
  }
}

function requireFreeDecorator (app: FastifyInstance, decorator: string): void {
  if (findRegistration(app, decorator) !== null) {
    throw new ConfigError('The Miro plugin is registered already in this scope, or in one above it, under this ' +
      'decorator. Register it once; a second Miro app needs the option decorator, with a name of its own, and another ' +
      'path in redirectUri.')
  }
  if (app.hasDecorator(decorator) || app.hasRequestDecorator(decorator)) {
    throw new ConfigError('The app has a decorator already by the name that the Miro plugin would take. Give the ' +
      'plugin another one by the option decorator.')
  }
}

/** Makes a value once per object and keeps it there: a WeakMap would make every garbage collection longer. */
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
