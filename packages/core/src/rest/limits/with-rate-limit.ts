import { systemClock, type Clock } from '../../clock.js'
import { ApiError } from '../../errors.js'
import { randomPart } from '../../random-part.js'
import type { ApiFetch } from '../api-fetch.js'
import { defaultApiLimits } from '../api-limits.js'
import { isStream } from '../request-body.js'
import { RateLimit } from './rate-limit.js'

/** The limit of the grant that a fetch acts for. */
const limitOf: unique symbol = Symbol('the rate limit of a fetch')
type LimitedFetch = ApiFetch & { [limitOf]?: FindLimit }

/** Finds the limit of a grant, which a client may have to look for first. */
export type FindLimit = () => Promise<RateLimit>

/** Notes with a fetch whose limit it meets. */
export function noteLimit (fetch: ApiFetch, find: FindLimit): ApiFetch {
  return Object.defineProperty(fetch, limitOf, { value: find })
}

/** What {@link withRateLimit} takes. */
export interface RateLimitOptions {
  /** How long a call may wait in all, in milliseconds. Default 75,000. */
  maxWaitMs?: number | undefined
  /** Of a fetch that is no client's: a clock of your own. */
  clock?: Clock | undefined
}

/**
 * A fetch that waits when Miro answers 429, until the reset, and sends again what can be sent again: everything but
 * streams. The `fetch` of a client shares the limit of its grant with all other calls of this process; any other has
 * one of its own.
 *
 * @returns a fetch that returns a 429 where it would have to wait for longer than `maxWaitMs`
 * @throws {ApiError} 429, with `Retry-After`: another call met the limit, and this one would have to wait for too long
 */
export function withRateLimit (fetch: ApiFetch, options: RateLimitOptions = {}): ApiFetch {
  const { maxWaitMs = defaultApiLimits.rateLimitWaitMs, clock = systemClock } = options
  const own = new RateLimit({ clock, jitter: randomPart, emit: () => {} })
  const find = (fetch as LimitedFetch)[limitOf] ?? (async () => own)

  return async function limitedFetch (input, init) {
    const limit = await find()
    const request = typeof input === 'object' && 'body' in input ? input : null
    const isRepeatable = !isStream(init?.body)
    let refused: Response | undefined
    return limit.run(async () => {
      refused?.body?.cancel().catch(() => {})
      // The body of a Request can be read once: each attempt reads a copy.
      const response = await fetch(request === null || request.body === null ? input : request.clone(), init)
      refused = response.status === 429 ? response : undefined
      return { answer: response, head: response }
    }, {
      maxWaitMs,
      isRepeatable,
      signal: init?.signal ?? request?.signal,
      refuse (retryAfterMs) {
        refused?.body?.cancel().catch(() => {})
        return new ApiError(429, { retryAfterMs })
      }
    })
  }
}
