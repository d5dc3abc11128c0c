/**
 * Headers of every answer of ours. No cache keeps it, and no `Referer` takes its URL, which may carry a code or a
 * state, along to the next page (RFC 9700, section 4.2.4). It is what its type says, and no other site may show or
 * frame it.
 */
export const answerHeaders = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
} as const

/**
 * Headers of a page of ours beside those of every answer.
 *
 * @param hashes what its one style, and its one script if it has one, are allowed by
 */
export function pageHeaders ({ style, script }: { style: string, script?: string }): Record<string, string> {
  const scripts = script === undefined ? [] : [`script-src 'sha256-${script}'`]
  const policy = ["default-src 'none'", `style-src 'sha256-${style}'`, ...scripts, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
  return { 'content-security-policy': policy.join('; '), 'cross-origin-opener-policy': 'same-origin' }
}

/**
 * Lets a window keep the panel that opened it: with another policy, such as the default of @fastify/helmet, the browser
 * would cut the two apart. It counts for every answer on the window's way, redirects included.
 *
 * @see https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies
 */
export const keepOpener = { 'cross-origin-opener-policy': 'unsafe-none' } as const
