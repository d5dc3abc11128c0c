import type { ApiLimits, Clock, FetchOption, Grant, GrantRef, Optional, ReauthorizeReason, RefreshLimits, Store } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import type { FastifyMiroEvent } from './plugin-event.js'

/** The app's hooks. Each is awaited; what it throws is logged and changes nothing. */
export interface FastifyMiroHooks {
  /**
   * A grant was stored, and its Miro user signed in or the grant linked to `appUserId`; `null`: Miro started the
   * install, and the grant is linked to no one.
   */
  onConnected?: ((event: { request: FastifyRequest, grant: Grant, appUserId: string | null }) => unknown) | undefined
  /** The person said no on Miro's page. */
  onDeclined?: ((event: { request: FastifyRequest }) => unknown) | undefined
  /** A request found that Miro refused its grant. */
  onReauthorize?: ((event: {
    request: FastifyRequest, ref: GrantRef, reason: ReauthorizeReason
  }) => unknown) | undefined
  /**
   * A grant was disconnected: by the plugin's route, or by `app.miro.auth.disconnect`, where `request` is `null`.
   * `ended`: it ended here; `false` where other users of the app go on with it. `revoked`: Miro confirmed that its
   * tokens are dead.
   */
  onDisconnected?: ((event: {
    request: FastifyRequest | null, ref: GrantRef, ended: boolean, revoked: boolean
  }) => unknown) | undefined
  /** A person logged out by the plugin's route. */
  onSignedOut?: ((event: { request: FastifyRequest }) => unknown) | undefined
  /** One of the plugin's routes refused a request. `code`: the error's, as the person sees it. */
  onRefused?: ((event: { request: FastifyRequest, route: RouteName, code: string }) => unknown) | undefined
}

/**
 * The user who sent a request, by the app's own login: a stable id that users cannot choose.
 *
 * @returns `null`: no user is signed in. What it throws counts as a failure of the app, `MIRO_APP_FUNCTION`
 */
export type AppUserId = (request: FastifyRequest) => string | null | undefined | Promise<string | null | undefined>

/**
 * Chooses which of several grants a request acts for.
 *
 * @param refs the grants of the user who sent it, newest first, one at least
 * @returns one of `refs`; `undefined`: none of them. What it throws counts as a failure of the app, `MIRO_APP_FUNCTION`
 */
export type ChooseGrant = (
  request: FastifyRequest, refs: GrantRef[]
) => GrantRef | undefined | Promise<GrantRef | undefined>

/**
 * Decides who may come in, once Miro has given a grant and before a session or link exists.
 *
 * @param event.appUserId the app's user who connects; in sign-in mode the Miro user id; `null` in an install that Miro
 * started, where only Miro's user is known
 * @returns `true`: they may. With anything else the sign-in is refused (`MIRO_NOT_ADMITTED`), and the grant is ended at
 * Miro, one from before included. What it throws counts as a failure of the app, `MIRO_APP_FUNCTION`
 */
export type Admit = (
  event: { request: FastifyRequest, grant: Grant, appUserId: string | null }
) => boolean | Promise<boolean>

/** What to call the browser that a person signs in with, such as "Firefox on Linux". Empty or nothing: no name. */
export type SessionLabel = (request: FastifyRequest) => string | null | undefined | Promise<string | null | undefined>

/** The plugin's own routes, as the host's global hooks see them in `request.routeOptions.config.miro.route`. */
export type RouteName = 'login' | 'callback' | 'logout' | 'disconnect' | PanelRouteName | 'install'

/** The routes that the option `panel` adds. */
export type PanelRouteName = 'connect' | 'connectStatus' | 'connectDone' | 'panelScript'

/** The paths of the plugin's own routes. The callback's path is that of `redirectUri`. */
export interface FastifyMiroRoutes {
  /** Default `/auth/<decorator>/login`. */
  login?: string | undefined
  /** With the option `panel`: the window in which a panel's person connects. Default `/auth/<decorator>/connect`. */
  connect?: string | undefined
  /** With the option `panel`: the script for panels without a bundler. Default `/auth/<decorator>/panel.js`. */
  panelScript?: string | undefined
  /**
   * Takes installs that Miro starts, from its Marketplace or by the Web SDK's authorization. Its URL, on the origin of
   * `redirectUri`, must be in the app's settings in Miro. Default none.
   */
  install?: string | undefined
  /** Default `/auth/<decorator>/logout`. */
  logout?: string | undefined
  /** Default `/auth/<decorator>/disconnect`. */
  disconnect?: string | undefined
  /**
   * A page of the app for failures of these routes, which get `?code=MIRO_…`; default the plugin's own page. A whole
   * path: no prefix is added.
   */
  error?: string | undefined
}

/**
 * Options of the plugin. A variable of the environment that is `undefined` type-checks, and fails at registration with
 * the option's name.
 */
export interface FastifyMiroOptions {
  /** The app's client id, from its settings in Miro. */
  clientId: string | undefined
  /**
   * The app's client secret. It is sent to Miro only, in request bodies. Of a list, the first is sent, and all of them
   * verify id tokens and open revocations that were put off: for the time in which the secret is changed.
   */
  clientSecret: string | ReadonlyArray<string | undefined> | undefined
  /**
   * Absolute, and identical in the app's settings in Miro. Never derived from a request. https, or http on loopback.
   */
  redirectUri: string | undefined
  /**
   * Encrypts the cookies of sign-in flows: at least 32 characters. Of a list, the first secret encrypts and all of them
   * decrypt.
   */
  cookieSecret: string | ReadonlyArray<string | undefined> | undefined
  /** Default `memoryStore()`: for one process, and forgotten at a restart. */
  store?: Store | undefined
  /**
   * With it, the app has users of its own: grants are linked to them, and the plugin keeps no session. Default none.
   */
  appUserId?: AppUserId | undefined
  /**
   * With `appUserId`: the path of the app's own login. A person who begins to connect and is not signed in to the app
   * is sent there, with the way back as `returnTo` in the query. Default none: they are told to sign in first.
   */
  appLogin?: string | undefined
  /** Default: the session's grant, else the newest. */
  grant?: ChooseGrant | undefined
  /** Scopes that every grant must have. Default none. */
  requiredScopes?: readonly string[] | undefined
  /** Decides who may come in, such as the people of one team. Default everybody whom Miro gives a grant for. */
  admit?: Admit | undefined
  /**
   * `true`: routes may have `config: { miro: { panel: … } }`, for pages that stand on a board in Miro's iframe and send
   * id tokens of the Web SDK, and there are routes in which their person connects. Default `false`.
   */
  panel?: boolean | undefined
  /** `false`: no routes at all, and `requireGrant` always throws. Default `/auth/<decorator>/…`. */
  routes?: FastifyMiroRoutes | false | undefined
  /** Where the browser goes after a login without a `returnTo`. Default `/`. */
  defaultReturnTo?: string | undefined
  /** Where the browser goes after logout and disconnect. Default `/`. */
  afterLogout?: string | undefined
  /**
   * Further origins of the app, such as that of its front end: a login may return there, and their pages may log out
   * and disconnect. Default none: any other origin would be an open redirect.
   */
  returnToOrigins?: readonly string[] | undefined
  /**
   * Proof Key for Code Exchange (RFC 7636). Default none: Miro documents no PKCE, and may refuse the parameters. Try it
   * with your app before you turn it on.
   */
  pkce?: 'S256' | undefined
  /**
   * How many codes one process exchanges at once, half of them for one client at most; the rest waits in line, for 8 s
   * at most. Default 32.
   */
  exchangesAtOnce?: number | undefined
  /**
   * The plugin's own sessions. 7 and 30 days suit a tool that people open now and then, on devices of their own; an
   * office tool should take 15 to 30 minutes, and 4 to 8 hours in all (OWASP). Lowered limits hold at once.
   *
   * @see https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html#session-expiration
   */
  session?: {
    /** A session ends after this long without a request, in milliseconds. Default 7 days. */
    idleMs?: number | undefined
    /** A session ends this long after login even when it is in use, in milliseconds. Default 30 days, at most 400. */
    absoluteMs?: number | undefined
    /** How many sessions a person has at most, 1 to 100: the oldest ends when a new one comes. Default 20. */
    limit?: number | undefined
    /** `false`: the cookie ends with the browser. Default `true`. */
    persistent?: boolean | undefined
    /** Names the browser of a sign-in, in at most 100 characters. What it throws is logged. Default none. */
    label?: SessionLabel | undefined
  } | undefined
  /**
   * Has guards ask Miro whether a grant still stands, once Miro's last word on it (a connect, a refresh or such an
   * answer) is older than this, in milliseconds. Default off: guards and `grant()` then know what is stored, and a
   * grant that was ended at Miro is noticed when Miro refuses its token.
   */
  recheckAfterMs?: number | undefined
  /** `auto`: pages are sent to login, everything else gets 401. `error`: always throw. Default `auto`. */
  onUnauthenticated?: 'auto' | 'error' | undefined
  /** The app's hooks, such as for a mail to a person who must connect again. Default none. */
  hooks?: FastifyMiroHooks | undefined
  /** Where Miro is, for a stand-in. http on loopback only. */
  endpoints?: {
    /** Default `https://miro.com/oauth/authorize`. */
    authorizeUrl?: string | undefined
    /** An origin. Default `https://api.miro.com`. */
    apiUrl?: string | undefined
    /**
     * A host that http may lead to beside loopback, such as an emulator in a container of its own. Tokens and the
     * client secret go there in plain text: for development only. Default none.
     */
    dangerouslyAllowHttpTo?: string | undefined
  } | undefined
  /**
   * Names the decorators, the default paths and the cookies, so that two Miro apps fit in one server. Default `miro`.
   */
  decorator?: string | undefined
  /** A part that is left out is the machine's. */
  clock?: Optional<Clock> | undefined
  /** A stand-in for the global `fetch`, for every request to Miro: a proxy, for example. */
  fetch?: FetchOption | undefined
  /** How long refreshes may take: see {@link RefreshLimits}. */
  refresh?: Optional<RefreshLimits> | undefined
  /** What a call to Miro's API may take: see {@link ApiLimits}. */
  api?: Optional<ApiLimits> | undefined
  /** Receives every event, which goes to the log too. What it throws changes nothing. */
  onEvent?: ((event: FastifyMiroEvent) => unknown) | undefined
}
