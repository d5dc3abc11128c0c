import type { FastifyRequest } from 'fastify'

/**
 * Whether the browser navigates to this URL, as opposed to a script that fetches it. The mode alone says so: a
 * navigation that a service worker passes on has the destination `empty`.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-mode-header
 */
export function isNavigation (request: FastifyRequest): boolean {
  const mode = request.headers['sec-fetch-mode']
  return mode === undefined ? wantsHtml(request) : mode === 'navigate'
}

/** Whether a browser asks for a page of a window or tab, or a client that is no browser of today asks. */
export function isDocumentRequest ({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const { 'sec-fetch-mode': mode = 'navigate', 'sec-fetch-dest': dest = 'document' } = headers
  return mode === 'navigate' && dest === 'document'
}

/** Whether the client asks for a page. */
export function wantsHtml (request: FastifyRequest): boolean {
  return request.headers.accept?.toLowerCase().includes('text/html') === true
}

/** Headers that name the purpose of a request: browsers send the first three, and Turbo and others their `X-` forms. */
const purposeHeaders = ['sec-purpose', 'purpose', 'moz'].flatMap((name) => [name, `x-${name}`])
/** Headers that only prefetches carry, whatever their value: those of htmx and of Next.js. */
const prefetchHeaders = ['hx-preloaded', 'next-router-prefetch', 'middleware-prefetch'].flatMap((name) => [name, `x-${name}`])

/**
 * Whether the browser, or a library in the page, only guesses that a person will come here. A POST is never a guess.
 */
export function isPrefetch ({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return purposeHeaders.some((name) => /prefetch|prerender|preview|preload/i.test(String(headers[name] ?? ''))) ||
    prefetchHeaders.some((name) => headers[name] !== undefined)
}
