import type { FastifyReply, FastifyRequest, RawServerBase, RouteGenericInterface } from 'fastify'
import { CrossSiteError } from '../errors.js'
import type { EventLog } from '../events/event-log.js'
import { isCrossSiteChange } from '../http/trusted-origin.js'
import type { Settings } from '../settings.js'

export type AnyRequest = FastifyRequest<RouteGenericInterface, RawServerBase>
export type AnyReply = FastifyReply<RouteGenericInterface, RawServerBase>

/** A hook that refuses what pages of other sites send, on servers of http, https and http2. */
export type RequireSameOrigin = (request: AnyRequest) => Promise<void>

/**
 * Makes a {@link RequireSameOrigin}: the protection of the app's own POST, PUT, PATCH and DELETE routes against CSRF.
 * The browser's word counts, so a sibling host of the same site is refused too, which a `SameSite` cookie lets pass.
 */
export function createRequireSameOrigin ({ settings, events }: {
  settings: Pick<Settings, 'origin' | 'returnToOrigins'>
  events: EventLog
}): RequireSameOrigin {
  return async function requireSameOrigin (anyRequest) {
    // The types differ in `raw`, which is not read here.
    const request = anyRequest as FastifyRequest
    if (!isCrossSiteChange(request, settings)) return
    events.emit(request, { type: 'cross_site_refused', route: null })
    throw new CrossSiteError()
  }
}
