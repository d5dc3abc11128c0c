import { fastifyMiro, type FastifyMiroOptions, type GrantRef } from '@miro-oauth/fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/**
 * Users of the app connect Miro teams. Register it after your session plugin.
 *
 * @param userOf a stable id of your user; with `@fastify/session` `(request) => request.session.userId ?? null`
 */
export async function connectMiro (
  app: FastifyInstance, options: FastifyMiroOptions, userOf: (request: FastifyRequest) => string | null
): Promise<void> {
  await app.register(fastifyMiro, { ...options, appUserId: userOf })

  app.get('/connect', (_request, reply) => reply.redirect(app.miro.loginUrl({ returnTo: '/teams' }), 303))

  // Every team that this user has connected, newest first.
  app.get('/teams', (request) => request.miro.grants())

  // Teams of other users are MIRO_NOT_CONNECTED, so the ids need no check of yours.
  app.get<{ Params: GrantRef }>('/teams/:userId/:teamId/boards', (request) => {
    return request.miro.for(request.params).boards.list()
  })
}
