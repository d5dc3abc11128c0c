import type { Clock } from '../../clock.js'
import type { EventSink } from '../../events.js'
import { refName, type GrantRef } from '../../grant/grant.js'
import { RateLimit } from './rate-limit.js'

/** Of how many grants a limit is remembered. One that is forgotten is met once more. */
const mostGrants = 10_000

interface RateLimitsParts {
  clock: Clock
  jitter: () => number
  events: EventSink
  /** Ends all waits when the process shuts down. */
  closing?: AbortSignal | undefined
}

/** The rate limits of the grants of this process. Miro counts per user and app, so that each grant waits by itself. */
export class RateLimits {
  readonly #limits = new Map<string, RateLimit>()
  readonly #parts: RateLimitsParts

  constructor (parts: RateLimitsParts) {
    this.#parts = parts
  }

  of (ref: GrantRef): RateLimit {
    const name = refName(ref)
    const limit = this.#limits.get(name) ?? this.#create(ref)
    // The one that was used last goes to the end.
    this.#limits.delete(name)
    this.#limits.set(name, limit)
    return limit
  }

  #create (ref: GrantRef): RateLimit {
    const { clock, jitter, events, closing } = this.#parts
    if (this.#limits.size >= mostGrants) this.#forgetOne()
    return new RateLimit({ clock, jitter, closing, emit: (event) => events.emitFor(ref, event) })
  }

  #forgetOne (): void {
    let forgotten = this.#limits.keys().next().value
    for (const [name, { isIdle }] of this.#limits) {
      if (!isIdle) continue
      forgotten = name
      break
    }
    if (forgotten !== undefined) this.#limits.delete(forgotten)
  }
}
