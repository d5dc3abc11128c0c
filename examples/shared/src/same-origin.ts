import type { onRequestAsyncHookHandler } from 'fastify'

/** The form was not sent by a page of the app. */
export class CrossSiteFormError extends Error {
  readonly statusCode = 403
}

/**
 * Makes an `onRequest` hook for a route that a form changes something through: only pages of `origin` may send it.
 *
 * The browser adds the session cookie to a form of any site (CSRF). It also says where the form comes from, in
 * `Sec-Fetch-Site`, older browsers in `Origin`; a page can set neither.
 */
export function requireSameOrigin (origin: string): onRequestAsyncHookHandler {
  return async ({ headers }) => {
    const site = headers['sec-fetch-site']
    const isOwn = site === undefined ? headers.origin === origin : site === 'same-origin'
    if (!isOwn) throw new CrossSiteFormError('This form was not sent by a page of ours.')
  }
}
