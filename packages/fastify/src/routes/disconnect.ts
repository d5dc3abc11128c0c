import { NotConnectedError } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { GrantUnnamedError } from '../errors.js'
import { isSameGrant, type ConsentedGrant } from '../grants/consented-grant.js'
import { queryOf } from '../http/query.js'
import type { AppUser } from '../mode/mode.js'
import { findCurrentGrant } from '../request/current-grant.js'
import { bodyFields } from './body-fields.js'
import { namedGrant } from './named-grant.js'
import { sendDone } from './post-routes.js'
import type { RouteContext, RouteHandler } from './route-context.js'

/**
 * `POST /auth/miro/disconnect`: ends a grant here and at Miro, and the sessions that were its own. Where other users of
 * the app are linked to the grant, it ends for this one alone. Which one,
 * `user_id` and `team_id` tell, in the query, a form or JSON. They may be left out where there is only one grant, or
 * where the app's option `grant` chooses. A request that cannot be understood ends none.
 */
export const disconnect: RouteHandler = async (context, request, reply) => {
  const { hooks, mode } = context
  const appUser = await mode.currentUser(request)
  if (appUser === null) throw mode.notSignedIn()
  const found = await findGrant(context, request, appUser)
  if (found === null) throw new NotConnectedError()
  const { ref } = found
  const { ended, revoked } = await mode.endGrant(appUser.appUserId, found)
  await mode.endSessionsOf(ref, { request, reply, appUser })
  await hooks.run('onDisconnected', { request, ref, ended, revoked })
  return sendDone(context, request, reply)
}

async function findGrant (
  context: RouteContext, request: FastifyRequest, appUser: AppUser
): Promise<ConsentedGrant | null> {
  const { linked, settings: { grant: choose } } = context
  const named = namedGrant(Array.from(queryOf(request)), bodyFields(request))
  if (named !== null) return linked.find(appUser.appUserId, named)
  if (choose !== undefined) return findCurrentGrant({ linked, choose }, request, appUser)
  const { session, appUserId } = appUser
  const others = (await linked.all(appUserId)).filter(({ ref }) => !isSameGrant(ref, session?.ref))
  const grants = session === null ? others : [session, ...others]
  if (grants.length > 1) throw new GrantUnnamedError()
  return grants[0] ?? null
}
