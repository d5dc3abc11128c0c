import type { FastifyMiroOptions } from '@miro-oauth/fastify'
import type { onRequestAsyncHookHandler } from 'fastify'

/** The form was not sent by a page of the app. */
export class CrossSiteFormError extends Error {
  readonly statusCode = 403
}

/** The origin of the app: that of its redirect URI, which the plugin checks when it is registered. */
export function originOf ({ redirectUri = '' }: FastifyMiroOptions): string {
  return new URL(redirectUri).origin
}

/**
 * Makes an `onRequest` hook against CSRF: it refuses a form that was not sent by a page of `origin`.
 *
 * A browser adds the session cookie to the form of any site. It also says where the form comes from, in
 * `Sec-Fetch-Site` or, if it is older, in `Origin`; a page can set neither header.
 *
 * @throws {CrossSiteFormError} in the hook
 */
export function requireSameOrigin (origin: string): onRequestAsyncHookHandler {
  return async ({ headers }) => {
    const site = headers['sec-fetch-site']
    const isOwn = site === undefined ? headers.origin === origin : site === 'same-origin'
    if (!isOwn) throw new CrossSiteFormError('This form was not sent by a page of ours.')
  }
}
