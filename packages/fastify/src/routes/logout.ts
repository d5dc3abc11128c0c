import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteContext } from './context.js'
import { requireSameOrigin, signOut } from './sign-out.js'

/** `POST /auth/miro/logout`: ends the session. The grant lives on. */
export async function logout (context: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  requireSameOrigin(context, request)
  return signOut(context, request, reply)
}
