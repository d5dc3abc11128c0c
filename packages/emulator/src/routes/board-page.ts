import type { FastifyInstance } from 'fastify'
import { notFound } from '../wire/envelope.js'
import type { Miro } from '../miro.js'
import { sendPage } from '../pages/pages.js'

/** Where a board's `viewLink` leads: a plain page in place of Miro's editor, for whoever has the link. */
export function registerBoardPage (server: FastifyInstance, miro: Miro): void {
  server.get<{ Params: { id: string } }>('/app/board/:id', (request, reply) => {
    const board = miro.state.boards.find(request.params.id)
    if (board === undefined) throw notFound('Board not found')
    const { name, description, teamId, items } = board
    const teamName = miro.directory.team(teamId)?.name ?? ''
    return sendPage(reply, { name: 'board', title: name, data: { name, description, teamName, notes: items } })
  })
}
