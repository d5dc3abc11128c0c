import { parseRetryAfterMs } from '../../wire/retry-after.js'

/** Miro counts by the minute; a reset that is further away than this is disbelieved. */
const longestPauseMs = 120_000
const firstBackOffMs = 1000
/** Spreads what several processes send when the same limit is reset. */
const mostJitterMs = 500

/** The head of an answer. */
export interface AnswerHead {
  status: number
  headers: { get: (name: string) => string | null }
}

/** What `X-RateLimit-*` say of the grant's credits. `null`: not sent. */
export interface Credits {
  limit: number | null
  remaining: number | null
}

/** @see https://developers.miro.com/reference/rate-limiting */
export function creditsOf ({ headers }: AnswerHead): Credits {
  return { limit: toCredits(headers.get('x-ratelimit-limit')), remaining: toCredits(headers.get('x-ratelimit-remaining')) }
}

function toCredits (text: string | null): number | null {
  return text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : null
}

/**
 * How long the grant must send nothing after this answer: until Miro's reset, and a little more. `null`: it may go on.
 *
 * @param round how many answers in a row said 429: a reset that is missing, past or of no effect becomes a back-off
 * @param jitter from 0 to 1
 */
export function pauseAfterMs (
  head: AnswerHead, { now, round, jitter }: { now: number, round: number, jitter: number }
): number | null {
  const untilResetMs = parseRetryAfterMs(head.headers, now)
  if (head.status === 429) {
    const isTold = round === 0 && untilResetMs !== null && untilResetMs > 0
    const leastMs = isTold ? 0 : firstBackOffMs * 2 ** Math.min(round, 6)
    return withJitter(Math.max(untilResetMs ?? 0, leastMs), jitter)
  }
  const isSpent = creditsOf(head).remaining === 0 && untilResetMs !== null && untilResetMs > 0
  return isSpent ? withJitter(untilResetMs, jitter) : null
}

function withJitter (ms: number, jitter: number): number {
  return Math.min(ms, longestPauseMs) + jitter * mostJitterMs
}
