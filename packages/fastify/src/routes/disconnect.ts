import { NotConnectedError, type GrantRef } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Person } from '../mode/mode.js'
import { isSameGrant, type ConsentedGrant } from '../request/consented-grant.js'
import { queryOf } from '../request/query.js'
import type { RouteContext } from './context.js'
import { requireSameOrigin, sendDone } from './posted.js'

/**
 * `POST /auth/miro/disconnect`: ends a grant here and at Miro, and a session with it that was its own. Which one, `user_id`
 * and `team_id` tell, in the query or as fields of the form; without them it is the grant that the request acts for.
 */
export async function disconnect (context: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  requireSameOrigin(context, request)
  const { auth, hooks, mode } = context
  const person = await mode.identify(request)
  if (person === null) throw mode.nobody()
  const found = await findGrant(context, request, person)
  if (found === null) throw new NotConnectedError()
  const { ref, consentId } = found
  const { revoked } = await auth.disconnect(ref, { consentId })
  if (isSameGrant(person.session?.ref, ref)) await mode.leave(request, reply)
  await hooks.run('onDisconnected', { request, ref, revoked })
  return sendDone(context, request, reply)
}

async function findGrant ({ linked, currentGrant }: RouteContext, request: FastifyRequest, person: Person): Promise<ConsentedGrant | null> {
  const form = formOf(request)
  if (form === null) return null
  const named = [queryOf(request), form].find((fields) => fields.has('user_id') || fields.has('team_id'))
  if (named === undefined) return currentGrant(request, person)
  const ref: GrantRef = { userId: named.get('user_id') ?? '', teamId: named.get('team_id') ?? '' }
  return linked.named(person.appUserId, ref)
}

/** The fields of a posted form; `null`: a body that was not kept, and may have named a grant. */
function formOf ({ body }: FastifyRequest): URLSearchParams | null {
  if (body === undefined) return new URLSearchParams()
  return typeof body === 'string' ? new URLSearchParams(body) : null
}
