import type { Clock } from './clock.js'
import { graceMs } from './deadline.js'
import { ConfigError } from './errors.js'
import type { OnEvent } from './events.js'
import { withDefaults, type Optional } from './optional.js'
import { requireClock, requireFunctions, requireHost, requireKnown, requireOrigin, requireText, requireTexts, requireUrl } from './option-checks.js'
import { defaultLimits, leaseToRequestMs, type RefreshLimits } from './refresh/timing.js'
import { defaultApiLimits, type ApiLimits } from './rest/api-limits.js'
import { requireStore } from './store/require-store.js'
import type { Store } from './store/store.js'
import { toFetch, type Fetch, type FetchOption } from './wire/fetch.js'
import type { AppCredentials } from './wire/oauth-endpoints.js'

/**
 * What {@link createMiroAuth} takes. `undefined` from the environment type-checks, and fails with the option's name.
 */
export interface MiroAuthOptions {
  /** The app's client id, from its settings in Miro. */
  clientId: string | undefined
  /**
   * The app's client secret. It goes to Miro, in request bodies only. Of a list, the first is sent, and all of them
   * verify id tokens and open revocations that were put off: for the time in which the secret is changed.
   */
  clientSecret: string | ReadonlyArray<string | undefined> | undefined
  /** Where grants and links live. */
  store: Store
  /** Where Miro is, for a stand-in. */
  endpoints?: {
    /** Miro's page where people grant access. Default `https://miro.com/oauth/authorize`; http on loopback only. */
    authorizeUrl?: string | undefined
    /** Where Miro's API is: an origin. Default `https://api.miro.com`; http on loopback only. */
    apiUrl?: string | undefined
    /**
     * A host that http may lead to beside loopback, such as a stand-in for Miro in a container of its own. Tokens and
     * the client secret go there in plain text: for development only. Default none.
     */
    dangerouslyAllowHttpTo?: string | undefined
  } | undefined
  /** A stand-in for the global `fetch`. */
  fetch?: FetchOption | undefined
  /** A clock, or part of one; the rest is the machine's own. */
  clock?: Optional<Clock> | undefined
  /** How long things may take; see {@link RefreshLimits}. */
  refresh?: Optional<RefreshLimits> | undefined
  /** What a call to Miro's API may take; see {@link ApiLimits}. */
  api?: Optional<ApiLimits> | undefined
  /** Receives every {@link MiroEvent}, for logs and counters. */
  onEvent?: OnEvent | undefined
}

/** Options with every default filled in. */
export interface MiroAuthSettings extends AppCredentials {
  store: Store
  authorizeUrl: URL
  fetch: Fetch
  clock: Clock
  limits: RefreshLimits
  apiLimits: ApiLimits
  onEvent: OnEvent
  /** The client secret, and those that still verify id tokens. */
  clientSecrets: readonly [string, ...string[]]
}

/** @throws {ConfigError} naming the option, never its value */
export function toSettings (options: MiroAuthOptions): MiroAuthSettings {
  checkShapes(options)
  const clientSecrets = requireTexts('clientSecret', options.clientSecret)
  return {
    clientId: requireText('clientId', options.clientId),
    clientSecret: clientSecrets[0],
    clientSecrets,
    apiUrl: requireApiUrl(options.endpoints),
    authorizeUrl: requireAuthorizeUrl(options.endpoints),
    store: requireStore(options.store),
    fetch: toFetch(options.fetch),
    clock: requireClock(options.clock),
    limits: requireLimits(withDefaults(defaultLimits, options.refresh)),
    apiLimits: requireApiLimits(withDefaults(defaultApiLimits, options.api)),
    onEvent: options.onEvent ?? (() => {})
  }
}

/** Checks the shapes that TypeScript would: a wrong one would show at its first use, or never. */
function checkShapes (options: MiroAuthOptions): void {
  requireKnown('', options, known)
  requireKnown('endpoints.', options.endpoints, { authorizeUrl: true, apiUrl: true, dangerouslyAllowHttpTo: true })
  requireKnown('refresh.', options.refresh, defaultLimits)
  requireKnown('api.', options.api, defaultApiLimits)
  const { fetch, onEvent } = options
  requireFunctions({ fetch, onEvent })
}

const known: Record<keyof MiroAuthOptions, true> = {
  clientId: true,
  clientSecret: true,
  store: true,
  endpoints: true,
  fetch: true,
  clock: true,
  refresh: true,
  api: true,
  onEvent: true
}

function requireAuthorizeUrl ({ authorizeUrl, dangerouslyAllowHttpTo: host }: MiroAuthOptions['endpoints'] & {} = {}): URL {
  const httpHost = host === undefined ? undefined : requireHost('endpoints.dangerouslyAllowHttpTo', host)
  return requireUrl('endpoints.authorizeUrl', authorizeUrl ?? 'https://miro.com/oauth/authorize', httpHost)
}

/** The origin of Miro's API. @throws {ConfigError} */
export function requireApiUrl ({ apiUrl, dangerouslyAllowHttpTo: host }: MiroAuthOptions['endpoints'] & {} = {}): string {
  const httpHost = host === undefined ? undefined : requireHost('endpoints.dangerouslyAllowHttpTo', host)
  return requireOrigin('endpoints.apiUrl', apiUrl ?? 'https://api.miro.com', httpHost)
}

/** A longer timer fires at once. */
const longestTimerMs = 2 ** 31 - 1

function requireLimits (limits: RefreshLimits): RefreshLimits {
  for (const [name, value] of Object.entries(limits)) {
    requireMilliseconds(`refresh.${name}`, value)
  }
  // A lease that ends before its request does would let two processes send the same refresh token.
  const leastMs = leaseToRequestMs(limits) + graceMs
  if (limits.requestMs + leastMs >= limits.leaseMs) {
    throw new ConfigError(`The option refresh.requestMs must be shorter than refresh.leaseMs by more than ${Math.ceil(leastMs)} ms.`)
  }
  return limits
}

/** @throws {ConfigError} */
export function requireApiLimits (limits: ApiLimits): ApiLimits {
  requireMilliseconds('api.callMs', limits.callMs)
  if (limits.rateLimitWaitMs !== 0) requireMilliseconds('api.rateLimitWaitMs', limits.rateLimitWaitMs)
  for (const name of ['responseBytes', 'requestBytes'] as const) {
    if (!Number.isSafeInteger(limits[name]) || limits[name] <= 0) throw new ConfigError(`The option api.${name} must be a positive number of bytes.`)
  }
  return limits
}

function requireMilliseconds (name: string, value: unknown): void {
  if (typeof value === 'number' && value > 0 && value <= longestTimerMs) return
  throw new ConfigError(`The option ${name} must be a positive number of milliseconds, at most ${longestTimerMs}.`)
}
