import type { FastifyInstance } from 'fastify'
import { type BoardQuery, readBoardQuery, selectBoards } from '../boards/board-query.js'
import { type BoardViewer, toBoardJson, toItemJson, toSingleBoardJson } from '../boards/board-view.js'
import type { Board } from '../boards/boards.js'
import { type ItemQuery, readItemQuery, selectItems } from '../boards/item-query.js'
import { parseNewBoard } from '../boards/new-board.js'
import { toOffsetLinks } from '../boards/offset-links.js'
import type { Miro } from '../miro.js'
import type { TokenPair } from '../model/token-pair.js'
import { authorizeCall } from '../wire/api-access.js'
import { notFound } from '../wire/envelope.js'
import { readJsonObject } from '../wire/json-body.js'
import type { JsonObject } from '../wire/json-text.js'
import { readQuery } from '../wire/parameters.js'

type BoardRoute = { Params: { id: string } }

const readBoards = { scope: 'boards:read', level: 'level1' } as const
const writeBoards = { scope: 'boards:write', level: 'level3' } as const
const readItems = { scope: 'boards:read', level: 'level2' } as const

/** Boards and their items: enough of Miro's REST API for an app to show that its token works. */
export function registerBoards (server: FastifyInstance, miro: Miro): void {
  server.get('/v2/boards', (request, reply) => {
    const pair = authorizeCall(miro, request, reply, readBoards)
    return listBoards(miro, pair, readBoardQuery(readQuery(request)))
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
    return listItems(board, toViewer(miro, pair), readItemQuery(readQuery(request)))
  })
}

function listBoards (miro: Miro, pair: TokenPair, query: BoardQuery): JsonObject {
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
}

function listItems (board: Board, viewer: BoardViewer, query: ItemQuery): JsonObject {
  const { items, total, cursor } = selectItems(board.items, query)
  return {
    type: 'cursor-list',
    total,
    size: items.length,
    limit: query.limit,
    ...(cursor !== undefined && { cursor }),
    links: { self: `${viewer.url}/v2/boards/${encodeURIComponent(board.id)}/items?limit=${query.limit}` },
    data: items.map((item) => toItemJson(item, board, viewer))
  }
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
