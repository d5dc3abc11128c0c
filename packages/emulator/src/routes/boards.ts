import type { FastifyInstance } from 'fastify'
import { authorizeCall } from '../wire/api-access.js'
import { readBoardQuery, selectBoards } from '../boards/board-query.js'
import { type BoardViewer, toBoardJson, toItemJson, toSingleBoardJson } from '../boards/board-view.js'
import { notFound } from '../wire/envelope.js'
import { readItemQuery, selectItems } from '../boards/item-query.js'
import { readJsonObject } from '../wire/json-body.js'
import type { Miro } from '../miro.js'
import { parseNewBoard } from '../boards/new-board.js'
import { toOffsetLinks } from '../boards/offset-links.js'
import { readQuery } from '../wire/parameters.js'
import type { Board } from '../boards/boards.js'
import type { TokenPair } from '../model/token-pair.js'

type BoardRoute = { Params: { id: string } }

const readBoards = { scope: 'boards:read', level: 'level1' } as const
const writeBoards = { scope: 'boards:write', level: 'level3' } as const
const readItems = { scope: 'boards:read', level: 'level2' } as const

/** Boards and their items: enough of Miro's REST API for an app to show that its token works. */
export function registerBoards (server: FastifyInstance, miro: Miro): void {
  server.get('/v2/boards', (request, reply) => {
    const pair = authorizeCall(miro, request, reply, readBoards)
    const query = readBoardQuery(readQuery(request))
    const { boards, total } = selectBoards(miro.state.boards.ofTeam(pair.teamId), query)
    const { limit, offset } = query
    return {
      type: 'list',
      total,
      size: boards.length,
      offset,
      limit,
      links: toOffsetLinks(`${miro.url}/v2/boards`, { limit, offset, total }),
      data: boards.map((board) => toBoardJson(board, toViewer(miro, pair)))
    }
  })

  server.post('/v2/boards', (request, reply) => {
    const pair = authorizeCall(miro, request, reply, writeBoards)
    const board = miro.state.boards.create(parseNewBoard(readJsonObject(request), pair), miro.now())
    reply.code(201)
    return toSingleBoardJson(board, toViewer(miro, pair))
  })

  server.get<BoardRoute>('/v2/boards/:id', (request, reply) => {
    const pair = authorizeCall(miro, request, reply, readBoards)
    return toSingleBoardJson(findBoard(miro, request.params.id, pair), toViewer(miro, pair))
  })

  server.get<BoardRoute>('/v2/boards/:id/items', (request, reply) => {
    const pair = authorizeCall(miro, request, reply, readItems)
    const board = findBoard(miro, request.params.id, pair)
    const query = readItemQuery(readQuery(request))
    const { items, total, cursor } = selectItems(board.items, query)
    const viewer = toViewer(miro, pair)
    return {
      type: 'cursor-list',
      total,
      size: items.length,
      limit: query.limit,
      ...(cursor !== undefined && { cursor }),
      links: { self: `${miro.url}/v2/boards/${encodeURIComponent(board.id)}/items?limit=${query.limit}` },
      data: items.map((item) => toItemJson(item, { board, index: board.items.indexOf(item) }, viewer))
    }
  })
}

/** A board of another team is not found, in the same words as one that does not exist. */
function findBoard (miro: Miro, id: string, pair: TokenPair): Board {
  const board = miro.state.boards.find(id)
  if (board === undefined || board.teamId !== pair.teamId) throw notFound('Board not found')
  return board
}

function toViewer (miro: Miro, { userId }: TokenPair): BoardViewer {
  return { userId, directory: miro.directory, url: miro.url }
}
