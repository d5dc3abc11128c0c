import type { FastifyRequest } from 'fastify'

/**
 * Whether a POST was sent by a page of the app: one of its own, or one on a further origin that the app trusts.
 *
 * A browser's `Sec-Fetch-Site: same-origin` is proof, and any other value means that the page is not on the app's own
 * origin. Where the header is missing, `Origin` tells. Origins are compared whole.
 *
 * @param trusted.origin the app's own
 * @param trusted.returnToOrigins further ones
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function isFromTrustedPage ({ headers }: FastifyRequest, { origin, returnToOrigins }: {
  origin: string
  returnToOrigins: readonly string[]
}): boolean {
  const { 'sec-fetch-site': site, origin: sender } = headers
  if (site === 'same-origin') return true
  if (sender === undefined) return false
  return returnToOrigins.includes(sender) || (site === undefined && sender === origin)
}
