import type { FastifyRequest } from 'fastify'

/** The origins whose pages may change something, compared whole. */
interface TrustedOrigins {
  /** The app's own. */
  origin: string
  /** Further ones. */
  returnToOrigins: readonly string[]
}

/**
 * Whether a request was surely sent by a page of the app: one of its own, or one on a further origin that it trusts.
 *
 * A browser's `Sec-Fetch-Site: same-origin` is proof, and any other value means that the page is not on the app's own
 * origin. Where the header is missing, `Origin` tells.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function isFromTrustedPage ({ headers }: Pick<FastifyRequest, 'headers'>, trusted: TrustedOrigins): boolean {
  const { 'sec-fetch-site': site, origin: sender } = headers
  if (site === 'same-origin') return true
  if (sender === undefined) return false
  return trusted.returnToOrigins.includes(sender) || (site === undefined && sender === trusted.origin)
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const safeMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/**
 * Whether a page of another site sends a request that may change something, or opens a socket, which no rule of the
 * browser keeps to one origin. A request with neither header was sent by no browser of today; `Sec-Fetch-Site: none`
 * without an origin by the person, and by no page.
 */
export function isCrossSiteChange (request: Pick<FastifyRequest, 'headers' | 'method'>, trusted: TrustedOrigins): boolean {
  const { method, headers: { 'sec-fetch-site': site, origin: sender, upgrade } } = request
  if (safeMethods.includes(method) && upgrade === undefined) return false
  if (sender === undefined && (site === undefined || site === 'none')) return false
  return !isFromTrustedPage(request, trusted)
}
