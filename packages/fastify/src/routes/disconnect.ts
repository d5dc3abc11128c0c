import { NotConnectedError, type GrantRef } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { isSameGrant, type ConsentedGrant } from '../grants/consented-grant.js'
import { queryOf } from '../http/query.js'
import type { AppUser } from '../mode/mode.js'
import { findCurrentGrant } from '../request/current-grant.js'
import { requireSameOrigin, sendDone } from './post-routes.js'
import type { RouteContext, RouteHandler } from './route-context.js'

/**
 * `POST /auth/miro/disconnect`: ends a grant here and at Miro, and a session with it that was its own. Which one,
 * `user_id` and `team_id` tell, in the query or as fields of the form; without them it is the grant that the request
 * acts for.
 */
export const disconnect: RouteHandler = async (context, request, reply) => {
  requireSameOrigin(context, request)
  const { auth, hooks, mode } = context
  const appUser = await mode.currentUser(request)
  if (appUser === null) throw mode.notSignedIn()
  const found = await findGrant(context, request, appUser)
  if (found === null) throw new NotConnectedError()
  const { ref, consentId } = found
  const { revoked } = await auth.disconnect(ref, { consentId })
  if (isSameGrant(appUser.session?.ref, ref)) await mode.endSession(request, reply)
  await hooks.run('onDisconnected', { request, ref, revoked })
  return sendDone(context, request, reply)
}

async function findGrant (
  { linked, settings }: RouteContext, request: FastifyRequest, appUser: AppUser
): Promise<ConsentedGrant | null> {
  const form = formOf(request)
  if (form === null) return null
  const named = [queryOf(request), form].find((fields) => fields.has('user_id') || fields.has('team_id'))
  if (named === undefined) return findCurrentGrant({ linked, choose: settings.grant }, request, appUser)
  const ref: GrantRef = { userId: named.get('user_id') ?? '', teamId: named.get('team_id') ?? '' }
  return linked.find(appUser.appUserId, ref)
}

/** The fields of a posted form; `null`: a body that was not kept, and may have named a grant. */
function formOf ({ body }: FastifyRequest): URLSearchParams | null {
  if (body === undefined) return new URLSearchParams()
  return typeof body === 'string' ? new URLSearchParams(body) : null
}
