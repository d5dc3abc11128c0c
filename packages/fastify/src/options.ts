import type { Clock, Fetch, Grant, GrantRef, OnEvent, ReauthorizeReason, RefreshLimits, Store } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'

/** Called and awaited at the named moment; what a hook throws is logged and changes nothing. */
export interface FastifyMiroHooks {
  /** A grant was stored and its person signed in, or the grant linked to `appUserId`. */
  onConnected?: (event: { request: FastifyRequest, grant: Grant, appUserId: string }) => unknown
  /** The person said no. */
  onDeclined?: (event: { request: FastifyRequest }) => unknown
  /** A request found that Miro refused its grant. */
  onReauthorize?: (event: { request: FastifyRequest, ref: GrantRef, reason: ReauthorizeReason }) => unknown
  /** A grant was disconnected here; `revoked`: Miro confirmed that its tokens are dead. */
  onDisconnected?: (event: { request: FastifyRequest, ref: GrantRef, revoked: boolean }) => unknown
}

/** Who sent a request, by the app's own login: a stable id that people cannot choose. `null`: nobody is signed in; what it throws counts as a failure, `MIRO_APP_FUNCTION`. */
export type AppUserId = (request: FastifyRequest) => string | null | undefined | Promise<string | null | undefined>

/**
 * Which of several grants a request acts for.
 *
 * @param refs the grants of the person who sent it, newest first, one at least
 * @returns one of `refs`; `undefined`: none of them. What it throws counts as a failure, `MIRO_APP_FUNCTION`
 */
export type ChooseGrant = (request: FastifyRequest, refs: GrantRef[]) => GrantRef | undefined | Promise<GrantRef | undefined>

/** The plugin's own routes, as the host's global hooks see them in `request.routeOptions.config.miro.route`. */
export type RouteName = 'login' | 'callback' | 'logout' | 'disconnect'

/** Where the plugin's own routes are; the callback's path is that of `redirectUri`. */
export interface FastifyMiroRoutes {
  /** Default `/auth/<decorator>/login`. */
  login?: string
  /** Default `/auth/<decorator>/logout`. */
  logout?: string
  /** Default `/auth/<decorator>/disconnect`. */
  disconnect?: string
  /** A page of the app that gets the failures of these routes as `?code=MIRO_…`, in place of the plugin's own. A whole path: no prefix is added. */
  error?: string
}

/** Options of the plugin. `undefined` from the environment type-checks, and fails at registration with the option's name. */
export interface FastifyMiroOptions {
  /** The app's client id, from its settings in Miro. */
  clientId: string | undefined
  /** The app's client secret. It goes to Miro, in request bodies only. */
  clientSecret: string | undefined
  /** Absolute, and identical in Miro's app settings. Never derived from a request. https, or http on loopback. */
  redirectUri: string | undefined
  /** Seals the cookies of sign-in flows: at least 32 characters. Of several, the first seals and all open. */
  cookieSecret: string | string[] | undefined
  /** Default `memoryStore()`: one process, forgotten at a restart. */
  store?: Store | undefined
  /** Given: the app has users of its own, grants are linked to them, and the plugin keeps no session. */
  appUserId?: AppUserId | undefined
  /** Default: the session's grant, else the newest. */
  grant?: ChooseGrant | undefined
  /** Scopes that every grant must have. Default none. */
  requiredScopes?: string[] | undefined
  /** `false`: no routes at all; `requireGrant` then always throws. */
  routes?: FastifyMiroRoutes | false | undefined
  /** Where a login goes that asks for nothing else. Default `/`. */
  defaultReturnTo?: string | undefined
  /** Where logout and disconnect go. Default `/`. */
  afterLogout?: string | undefined
  /** Further origins of the app, such as that of its front end: a login may return there, and their pages may log out and disconnect. Default none. */
  returnToOrigins?: string[] | undefined
  session?: {
    /** A session ends after this long without a request, in milliseconds. Default 7 days. */
    idleMs?: number
    /** A session ends this long after login whatever happens, in milliseconds. Default 30 days, at most 400. */
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
  /** A stand-in for the global `fetch`, for every request to Miro: a proxy, for example. */
  fetch?: Fetch | undefined
  /** How long refreshes may take. */
  refresh?: Partial<RefreshLimits> | undefined
  /** Receives every event, beside the log. */
  onEvent?: OnEvent | undefined
}
