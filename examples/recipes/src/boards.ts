import type { FastifyInstance } from 'fastify'
import '@miro-oauth/fastify'

/** Boards of the person who is signed in: list them, create one with a note on it, read all items of one. */
export function boardRoutes (app: FastifyInstance): void {
  const preHandler = app.miro.requireGrant

  app.get('/boards', { preHandler }, (request) => request.miro.boards.list({ limit: 10 }))

  app.post('/boards', { preHandler }, async (request) => {
    const board = await request.miro.boards.create({ name: 'Retro' })
    const note = await request.miro.board(board.id).stickyNotes.create({ data: { content: 'What went well?' } })
    return { board, note }
  })

  app.get<{ Params: { id: string } }>('/boards/:id/items', { preHandler }, async (request) => {
    const items: unknown[] = []
    // Asks for the next page when the loop gets there.
    for await (const item of request.miro.board(request.params.id).items.iterate({ limit: 50 })) items.push(item)
    return items
  })
}
