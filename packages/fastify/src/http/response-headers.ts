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

/** Headers of a page of ours beside those of every answer. @param styleHash what its one style is allowed by */
export function pageHeaders (styleHash: string): Record<string, string> {
  const policy = ["default-src 'none'", `style-src 'sha256-${styleHash}'`, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
  return { 'content-security-policy': policy.join('; '), 'cross-origin-opener-policy': 'same-origin' }
}
