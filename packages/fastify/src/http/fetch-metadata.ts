import type { FastifyRequest } from 'fastify'

/**
 * Whether the browser navigates to this URL, as opposed to a script that fetches it.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-mode-header
 */
export function isNavigation (request: FastifyRequest): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers
  if (mode !== undefined) return mode === 'navigate' && destination === 'document'
  return wantsHtml(request)
}

/** Whether the client asks for a page. */
export function wantsHtml (request: FastifyRequest): boolean {
  return request.headers.accept?.toLowerCase().includes('text/html') === true
}

/** Whether the browser only prefetches the URL, since it expects a navigation to it. */
export function isPrefetch (request: FastifyRequest): boolean {
  return ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) => {
    const value = request.headers[name]
    return typeof value === 'string' && /prefetch|prerender|preview/i.test(value)
  })
}

/**
 * Whether a POST comes from a page of the app itself, which is the protection against CSRF. `Sec-Fetch-Site` tells
 * where the browser sends it; else `Origin` must be that of the redirect URI.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function isSameOrigin (request: FastifyRequest, origin: string): boolean {
  const site = request.headers['sec-fetch-site']
  return site === undefined ? request.headers.origin === origin : site === 'same-origin'
}
