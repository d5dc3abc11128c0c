import type { FastifyRequest } from 'fastify'

/** A form that another site made this browser send. */
export class CrossSiteFormError extends Error {
  readonly statusCode = 403
}

/**
 * The session cookie comes along whoever sends a form, so a form that changes something must come from a page of ours.
 * Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; no other page can set either.
 *
 * @throws {CrossSiteFormError}
 */
export function requireSameOrigin ({ headers }: FastifyRequest, origin: string): void {
  const site = headers['sec-fetch-site']
  const isOurs = site === undefined ? headers.origin === origin : site === 'same-origin'
  if (!isOurs) throw new CrossSiteFormError('This form was not sent by a page of ours.')
}
