import type { Clock, Fetch, Grant, GrantRef, OnEvent, ReauthorizeReason, RefreshLimits, Store } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'

/** Called and awaited at the named moment; what a hook throws is logged and changes nothing. */
export interface FastifyMiroHooks {
  /** A grant was stored and its person signed in. */
  onConnected?: (event: { request: FastifyRequest, grant: Grant }) => unknown
  /** The person said no. */
  onDeclined?: (event: { request: FastifyRequest }) => unknown
  /** A request found that Miro refused its grant. */
  onReauthorize?: (event: { request: FastifyRequest, ref: GrantRef, reason: ReauthorizeReason }) => unknown
  /** A grant was disconnected here; `revoked`: Miro confirmed that its tokens are dead. */
  onDisconnected?: (event: { request: FastifyRequest, ref: GrantRef, revoked: boolean }) => unknown
}

/** Where the plugin's own routes are; the callback's path is that of `redirectUri`. */
export interface FastifyMiroRoutes {
  /** Default `/auth/<decorator>/login`. */
  login?: string
  /** Default `/auth/<decorator>/logout`. */
  logout?: string
  /** Default `/auth/<decorator>/disconnect`. */
  disconnect?: string
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
  routes?: FastifyMiroRoutes | undefined
  /** Where a login goes that asks for nothing else. Default `/`. */
  defaultReturnTo?: string | undefined
  /** Where logout and disconnect go. Default `/`. */
  afterLogout?: string | undefined
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
  /** A stand-in for `fetch`; the exchange of a code does not use it. */
  fetch?: Fetch | undefined
  /** How long refreshes may take. */
  refresh?: Partial<RefreshLimits> | undefined
  /** Receives every event, beside the log. */
  onEvent?: OnEvent | undefined
}
