/** How often a request is sent again. */
const mostRepeats = 2
const firstBackOffMs = 250
/** Miro did not act on it, or may be asked again. */
const passing = new Set([408, 425])

/** What is known when a request brought no useful answer. */
export interface Failure {
  /** `null`: there was no answer. */
  status: number | null
  isRepeatable: boolean
  /** How often the request was sent again already. */
  repeats: number
  /** What is left of the call's time. */
  leftMs: number
  /** From 0 to 1: spreads the callers of one outage. */
  jitter: number
}

/**
 * How long to wait before the same request goes out again: about 250 ms, then about 1 s. `null`: it does not.
 *
 * A 429 is none of these: see `limits/`.
 */
export function backOffMs ({ status, isRepeatable, repeats, leftMs, jitter }: Failure): number | null {
  if (!isRepeatable || repeats >= mostRepeats) return null
  if (status !== null && status < 500 && !passing.has(status)) return null
  const ms = firstBackOffMs * 4 ** repeats * (0.75 + jitter / 2)
  return ms < leftMs ? ms : null
}

/** How long one attempt may take: half of what is left, where another one can follow it. */
export function attemptMs ({ isRepeatable, repeats, leftMs }: Pick<Failure, 'isRepeatable' | 'repeats' | 'leftMs'>): number {
  return isRepeatable && repeats < mostRepeats ? leftMs / 2 : leftMs
}
