import type { Clock } from './clock.js'
import { withDefaults, type Optional } from './optional.js'
import { requireClock, requireFunctions, requireKnown, requireText } from './option-checks.js'
import { requireApiLimits, requireApiUrl, type MiroAuthOptions } from './options.js'
import { randomPart } from './random-part.js'
import { toFetch, type FetchOption } from './wire/fetch.js'
import { defaultApiLimits, type ApiLimits } from './rest/api-limits.js'
import { createClient, type MiroClient } from './rest/client.js'
import { RateLimit } from './rest/limits/rate-limit.js'

/** What {@link createMiroClient} takes. */
export interface StaticClientOptions {
  /** Such as the one that Miro's dashboard gives for an app of your own. */
  accessToken: string | undefined
  /** Where Miro's API is: see `createMiroAuth`. */
  endpoints?: Omit<MiroAuthOptions['endpoints'] & {}, 'authorizeUrl'> | undefined
  /** A stand-in for the global `fetch`. */
  fetch?: FetchOption | undefined
  /** A clock, or part of one; the rest is the machine's own. */
  clock?: Optional<Clock> | undefined
  /** What a call to Miro's API may take; see {@link ApiLimits}. */
  api?: Optional<ApiLimits> | undefined
}

const known: Record<keyof StaticClientOptions, true> = {
  accessToken: true, endpoints: true, fetch: true, clock: true, api: true
}

/**
 * A client for one access token, for a script or a server that acts as one person. It keeps nothing and never
 * refreshes: once Miro refuses the token, each call is an `ApiError` of 401, or a 401 of `fetch`. Such tokens are those
 * of an app without *Expire user authorization token*.
 *
 * @throws {ConfigError} naming the option, never its value
 */
export function createMiroClient (options: StaticClientOptions): MiroClient {
  requireKnown('', options, known)
  requireKnown('endpoints.', options.endpoints, { apiUrl: true, dangerouslyAllowHttpTo: true })
  requireKnown('api.', options.api, defaultApiLimits)
  requireFunctions({ fetch: options.fetch })
  const accessToken = requireText('accessToken', options.accessToken)
  const clock = requireClock(options.clock)
  const limit = new RateLimit({ clock, jitter: randomPart, emit: () => {} })
  return createClient({
    apiUrl: requireApiUrl(options.endpoints),
    fetch: toFetch(options.fetch),
    clock,
    limits: requireApiLimits(withDefaults(defaultApiLimits, options.api)),
    jitter: randomPart,
    rateLimits: { of: () => limit },
    tokens: {
      accessToken: async () => accessToken,
      replacementFor: async () => null,
      ref: async () => ({ userId: '', teamId: '' })
    }
  })
}
