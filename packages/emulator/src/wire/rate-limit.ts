/**
 * The credits of a call, by the level of its endpoint.
 *
 * @see https://developers.miro.com/reference/rate-limiting
 */
export const creditCosts = { level1: 50, level2: 100, level3: 500, level4: 2_000 } as const

export type Level = keyof typeof creditCosts

/** One user's credits after a call. */
export interface Charge {
  allowed: boolean
  /** Credits per minute. */
  limit: number
  /** Credits left in this minute. */
  remaining: number
  /** The end of the minute, in epoch seconds. */
  resetAtSeconds: number
}

const windowMs = 60_000

/** The credits that each user of each app has left in this minute. A refused call costs nothing. */
export class CreditBudget {
  readonly #spent = new Map<string, { window: number, credits: number }>()

  readonly #limit: () => number

  /** @param limit returns the credits per minute; called at every charge, because a switch may change it */
  constructor (limit: () => number) {
    this.#limit = limit
  }

  charge (key: string, cost: number, now: number): Charge {
    const limit = this.#limit()
    const window = Math.floor(now / windowMs)
    const current = this.#spent.get(key)
    const before = current?.window === window ? current.credits : 0
    const allowed = before + cost <= limit
    const credits = allowed ? before + cost : before
    this.#spent.set(key, { window, credits })
    return { allowed, limit, remaining: Math.max(0, limit - credits), resetAtSeconds: (window + 1) * 60 }
  }
}

export function toRateLimitHeaders (charge: Charge): Record<string, string> {
  return {
    'x-ratelimit-limit': String(charge.limit),
    'x-ratelimit-remaining': String(charge.remaining),
    'x-ratelimit-reset': String(charge.resetAtSeconds)
  }
}
