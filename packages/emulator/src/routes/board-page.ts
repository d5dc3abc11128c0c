import type { FastifyInstance } from 'fastify'
import { notFound } from '../wire/envelope.js'
import type { Miro } from '../miro.js'
import { sendPage } from '../pages/pages.js'

/** The page of a board's `viewLink`, in place of Miro's editor. It asks for no sign-in. */
export function registerBoardPage (server: FastifyInstance, miro: Miro): void {
  server.get<{ Params: { id: string } }>('/app/board/:id', (request, reply) => {
    const board = miro.state.boards.find(request.params.id)
    if (board === undefined) throw notFound('Board not found')
    const { name, description, teamId, items } = board
    const teamName = miro.directory.team(teamId)?.name ?? ''
    return sendPage(reply, { name: 'board', title: name, data: { name, description, teamName, notes: items } })
  })
}
