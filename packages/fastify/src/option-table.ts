import type { ApiLimits, Clock, FetchOption, Optional, RefreshLimits, Store } from '@miro-oauth/core'
import { requireClock, requireCount, requireHost, requireOrigin, requireText, requireTexts, requireUrl } from '@miro-oauth/core/internal'
import type { FastifyMiroEvent } from './plugin-event.js'
import {
  checkFields, fieldsOf, listOf, oneOf, optional, optionalFunction, passOn, requireBoolean, requireDuration,
  requireIdentifier, requirePath, requireRedirectUri, requireRoute, requireSecrets, requireSessionLimit, withDefault,
  type Check
} from './option-checks.js'
import type {
  Admit, AppUserId, ChooseGrant, FastifyMiroHooks, FastifyMiroOptions, FastifyMiroRoutes, SessionLabel
} from './options.js'

type Nested<Name extends keyof FastifyMiroOptions> = Record<keyof NonNullable<FastifyMiroOptions[Name]>, Check>

const dayMs = 86_400_000

export const routeOptions = {
  login: optional(requireRoute),
  logout: optional(requireRoute),
  disconnect: optional(requireRoute),
  connect: optional(requireRoute),
  panelScript: optional(requireRoute),
  install: optional(requireRoute),
  error: optional(requireRoute)
} satisfies Record<keyof FastifyMiroRoutes, Check>

export const sessionOptions = {
  idleMs: withDefault(7 * dayMs, requireDuration),
  absoluteMs: withDefault(30 * dayMs, requireDuration),
  limit: withDefault(20, requireSessionLimit),
  persistent: withDefault(true, requireBoolean),
  label: optionalFunction<SessionLabel>
} satisfies Nested<'session'>

export const hookOptions = {
  onConnected: optionalFunction<FastifyMiroHooks['onConnected']>,
  onDeclined: optionalFunction<FastifyMiroHooks['onDeclined']>,
  onReauthorize: optionalFunction<FastifyMiroHooks['onReauthorize']>,
  onDisconnected: optionalFunction<FastifyMiroHooks['onDisconnected']>,
  onSignedOut: optionalFunction<FastifyMiroHooks['onSignedOut']>,
  onRefused: optionalFunction<FastifyMiroHooks['onRefused']>
} satisfies Nested<'hooks'>

export const endpointOptions = {
  authorizeUrl: withDefault('https://miro.com/oauth/authorize', requireText),
  apiUrl: withDefault('https://api.miro.com', requireText),
  dangerouslyAllowHttpTo: optional(requireHost)
} satisfies Nested<'endpoints'>

/** Every option with its check and its default. An option that is not in this table is refused as unknown. */
export const optionTable = {
  clientId: requireText,
  clientSecret: requireTexts,
  redirectUri: requireRedirectUri,
  cookieSecret: requireSecrets,
  store: passOn<Store>,
  appUserId: optionalFunction<AppUserId>,
  appLogin: optional(requirePath),
  grant: optionalFunction<ChooseGrant>,
  requiredScopes: listOf(requireText),
  admit: optionalFunction<Admit>,
  panel: withDefault(false, requireBoolean),
  routes: (name: string, value: unknown) => value === false ? false : checkFields(routeOptions, value, name),
  defaultReturnTo: withDefault('/', requirePath),
  afterLogout: withDefault('/', requirePath),
  returnToOrigins: listOf(requireOrigin),
  pkce: optional(oneOf('S256')),
  exchangesAtOnce: withDefault(32, requireCount),
  session: fieldsOf(sessionOptions),
  recheckAfterMs: optional(requireDuration),
  onUnauthenticated: withDefault('auto', oneOf('auto', 'error')),
  hooks: fieldsOf(hookOptions),
  endpoints: requireEndpoints,
  decorator: withDefault('miro', requireIdentifier),
  clock: (_name: string, value: unknown) => requireClock(value as Optional<Clock> | undefined),
  fetch: optionalFunction<FetchOption>,
  refresh: passOn<Optional<RefreshLimits>>,
  api: passOn<Optional<ApiLimits>>,
  onEvent: optionalFunction<(event: FastifyMiroEvent) => unknown>
} satisfies Record<keyof FastifyMiroOptions, Check>

function requireEndpoints (name: string, value: unknown) {
  const { authorizeUrl, apiUrl, dangerouslyAllowHttpTo: httpHost } = checkFields(endpointOptions, value, name)
  return {
    authorizeUrl: requireUrl(`${name}.authorizeUrl`, authorizeUrl, httpHost),
    apiUrl: requireOrigin(`${name}.apiUrl`, apiUrl, httpHost),
    dangerouslyAllowHttpTo: httpHost
  }
}
