const secondsUntilMs = 1e11

/**
 * How many milliseconds Miro asks to wait: `Retry-After` where it is sent, else `X-RateLimit-Reset`. `null`: it does
 * not say.
 *
 * Miro documents the reset as a Unix epoch and not in which unit; anything before the year 5138 in seconds is seconds.
 * A value in the past counts as zero.
 *
 * @see https://developers.miro.com/reference/rate-limiting
 */
export function parseRetryAfterMs (headers: { get: (name: string) => string | null }, now: number): number | null {
  return until(parseRetryAfter(headers.get('retry-after')?.trim() ?? '', now), now) ??
    until(parseReset(headers.get('x-ratelimit-reset')?.trim() ?? ''), now)
}

/** Seconds, or an HTTP date; `Date.parse` alone would read a year into `-5` and `1.5`. */
function parseRetryAfter (text: string, now: number): number {
  if (/^\d+$/.test(text)) return now + Number(text) * 1000
  return /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text) ? Date.parse(text) : NaN
}

function parseReset (text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) return NaN
  return Number(text) < secondsUntilMs ? Number(text) * 1000 : Number(text)
}

function until (at: number, now: number): number | null {
  return Math.abs(at) <= Number.MAX_SAFE_INTEGER ? Math.max(0, at - now) : null
}
