import { NotConnectedError, type GrantRef } from '@miro-oauth/core'
import type { FastifyRequest } from 'fastify'
import { GrantUnnamedError } from '../errors.js'
import { isSameGrant, type ConsentedGrant } from '../grants/consented-grant.js'
import { queryOf } from '../http/query.js'
import type { AppUser, SentBy } from '../mode/mode.js'
import { findCurrentGrant } from '../request/current-grant.js'
import { contentTypeOf, type ReadBody } from './any-body.js'
import { bodyFields } from './body-fields.js'
import { namedGrant } from './named-grant.js'
import { sendDone } from './post-routes.js'
import type { RouteContext, RouteHandler } from './route-context.js'

/**
 * `POST /auth/miro/disconnect`: ends a grant here and at Miro, and the sessions that were its own. Where other users of
 * the app are linked to the grant, it ends for this one alone. Which grant, `user_id` and `team_id` tell, in the query,
 * a form or JSON. They may be left out where there is only one grant, or where the app's option `grant` chooses. A
 * request that cannot be understood ends none.
 *
 * The browser drops the answer to the first click of a double click and shows that to the second, which finds nothing
 * left to end: it waits for the first, and is answered as that would have been.
 */
export const disconnect: RouteHandler = async (context, request, reply) => {
  const { mode, disconnects } = context
  const appUser = await mode.currentUser(request)
  const name = nameOf(mode.senderOf(request, appUser), request)
  const underWay = disconnects.find(name)
  if (underWay !== undefined) {
    const ref = await underWay
    if (appUser === null) await mode.endSession(request, reply)
    else await mode.endSessionsOf(ref, { request, reply, appUser })
  } else {
    if (appUser === null) throw mode.notSignedIn()
    await disconnects.run(name, () => end(context, { request, reply, appUser }))
  }
  return sendDone(context, request, reply)
}

/** Names a request by its sender and all that it says. */
function nameOf (sender: string | null, request: FastifyRequest): string {
  const body = request.body as ReadBody | undefined
  const bytes = body?.kind === 'whole' ? body.bytes.toString('latin1') : body?.kind
  return JSON.stringify([sender, request.originalUrl, contentTypeOf(request), bytes])
}

/** Returns the grant that has ended. */
async function end (context: RouteContext, { request, reply, appUser }: SentBy): Promise<GrantRef> {
  const { hooks, mode } = context
  const found = await findGrant(context, request, appUser)
  if (found === null) throw new NotConnectedError()
  const { ref } = found
  const { ended, revoked } = await mode.endGrant(appUser.appUserId, found)
  await mode.endSessionsOf(ref, { request, reply, appUser })
  await hooks.run('onDisconnected', { request, ref, ended, revoked })
  return ref
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
