import { sendDone } from './post-routes.js'
import type { RouteHandler } from './route-context.js'

/** `POST /auth/miro/logout`: ends the session on the server and takes every cookie of ours. The grant lives on. */
export const logout: RouteHandler = async (context, request, reply) => {
  await context.mode.endSession(request, reply)
  await context.hooks.run('onSignedOut', { request })
  return sendDone(context, request, reply)
}
