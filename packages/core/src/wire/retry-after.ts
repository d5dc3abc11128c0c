const secondsUntilMs = 1e11

/**
 * How many milliseconds Miro asks to wait: `Retry-After` where it is sent, else `X-RateLimit-Reset`. `null`: it does not say.
 *
 * Miro documents the reset as a Unix epoch and not in which unit; anything before the year 5138 in seconds is seconds.
 * A value in the past counts as zero.
 *
 * @see https://developers.miro.com/reference/rate-limiting
 */
export function parseRetryAfterMs (headers: { get: (name: string) => string | null }, now: number): number | null {
  const retryAfter = headers.get('retry-after')?.trim()
  if (retryAfter !== undefined && retryAfter !== '') {
    const at = /^\d+$/.test(retryAfter) ? now + Number(retryAfter) * 1000 : Date.parse(retryAfter)
    if (Number.isFinite(at)) return Math.max(0, at - now)
  }
  const reset = headers.get('x-ratelimit-reset')?.trim()
  if (reset === undefined || !/^\d+(\.\d+)?$/.test(reset)) return null
  const at = Number(reset) < secondsUntilMs ? Number(reset) * 1000 : Number(reset)
  return Math.max(0, at - now)
}
