import type { FastifyRequest } from 'fastify'

/** Whether a person's browser goes to this address, as opposed to a script that fetches it. */
export function isNavigation (request: FastifyRequest): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers
  if (mode !== undefined) return mode === 'navigate' && destination === 'document'
  return wantsHtml(request)
}

/** Whether the answer should be a page. */
export function wantsHtml (request: FastifyRequest): boolean {
  return request.headers.accept?.toLowerCase().includes('text/html') === true
}

/** Whether the browser only guesses that somebody may come here. */
export function isPrefetch (request: FastifyRequest): boolean {
  return ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) => {
    const value = request.headers[name]
    return typeof value === 'string' && /prefetch|prerender|preview/i.test(value)
  })
}
