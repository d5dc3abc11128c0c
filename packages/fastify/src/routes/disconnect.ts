import { NotConnectedError } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteContext } from './context.js'
import { requireSameOrigin, signOut } from './sign-out.js'

/** `POST /auth/miro/disconnect`: ends the grant here and at Miro, and the session with it. */
export async function disconnect (context: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  requireSameOrigin(context, request)
  const { auth, hooks, findGrant } = context
  const found = await findGrant(request)
  if (found === null) throw new NotConnectedError()
  const { ref } = found
  const { revoked } = await auth.disconnect(ref)
  await hooks.run('onDisconnected', { request, ref, revoked })
  return signOut(context, request, reply)
}
