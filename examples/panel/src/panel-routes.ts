import { NotConnectedError } from '@miro-oauth/fastify'
import type { FastifyInstance } from 'fastify'
import { readItems } from './items.js'

const boardQuery = {
  type: 'object',
  required: ['board'],
  properties: { board: { type: 'string', pattern: '^[\\w=-]{1,64}$' } }
}

/** What the panel's script asks for. Each request has an id token, which says who is at the board; no cookie counts. */
export async function panelRoutes (app: FastifyInstance): Promise<void> {
  // Needs no grant, and reads nothing from the store.
  app.get('/panel/me', { config: { miro: { panel: 'identity' } } }, async (request) => {
    const { userId, teamId } = await request.miro.panelUser()
    return { userId, teamId }
  })

  // Without a grant it answers 401, and tells the script where to connect. Miro decides whether this person may see the
  // board: the id comes from the panel, and says nothing about it.
  app.get<{ Querystring: { board: string } }>('/panel/items', {
    config: { miro: { panel: true, required: true } },
    schema: { querystring: boardQuery }
  }, async (request) => {
    const grant = await request.miro.grant()
    if (grant === null) throw new NotConnectedError()
    const { userName, teamName } = grant
    return { userName, teamName, ...await readItems(request.miro, request.query.board) }
  })

  // Not `required`: a grant that Miro refuses can be ended too.
  app.post('/panel/disconnect', { config: { miro: { panel: true } } }, async (request, reply) => {
    const { userId, teamId } = await request.miro.panelUser()
    await app.miro.auth.disconnect({ userId, teamId })
    return reply.code(204).send()
  })
}
