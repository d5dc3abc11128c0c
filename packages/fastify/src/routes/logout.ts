import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireTrustedPage, sendDone } from './post-routes.js'
import type { RouteContext } from './route-context.js'

/** `POST /auth/miro/logout`: ends the session on the server and takes every cookie of ours. The grant lives on. */
export async function logout (context: RouteContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  requireTrustedPage(context, request)
  await context.mode.endSession(request, reply)
  return sendDone(context, request, reply)
}
