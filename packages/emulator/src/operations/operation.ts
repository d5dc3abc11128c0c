import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Board } from '../boards/board.js'
import type { BoardViewer } from '../boards/board-view.js'
import type { Stamp } from '../items/item.js'
import type { Miro } from '../miro.js'
import type { TokenPair } from '../model/token-pair.js'
import { authorizeCall, type CallRequirement } from '../wire/api-access.js'
import { notFound } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'
import { readQuery } from '../wire/parameters.js'

/** A call of the REST API whose token, credits and scope are in order. */
export interface ApiCall {
  miro: Miro
  pair: TokenPair
  request: FastifyRequest
  reply: FastifyReply
  query: URLSearchParams
  viewer: BoardViewer
  /** Who calls, and when. */
  stamp: Stamp
}

export interface BoardCall extends ApiCall {
  board: Board
}

/** An operation of the REST API: what it requires, and what it answers. It makes its commit in one synchronous step. */
export interface Operation extends Pick<CallRequirement, 'scope'> {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below `/v2/boards`, with `:board_id` and others as parameters. */
  path: string
  /** The level of its credits, where it depends on the request a function of it. */
  level: CallRequirement['level'] | ((request: FastifyRequest) => Pick<CallRequirement, 'level' | 'times'>)
  /** Default 200, or 204 where there is no body. */
  status?: number
  /** Null: an answer without a body. */
  handle: (call: ApiCall) => JsonObject | null
}

export const boardsPath = '/v2/boards'
export const readScope = 'boards:read'
export const writeScope = 'boards:write'

/** @throws {MiroRefusal} the token, its credits or its scope are not in order */
export function toCall (
  miro: Miro, request: FastifyRequest, reply: FastifyReply, requirement: CallRequirement
): ApiCall {
  const pair = authorizeCall(miro, request, reply, requirement)
  const { userId } = pair
  const { url, directory } = miro
  const viewer = { userId, directory, url, apiOrigin: `http://${request.host}` }
  return { miro, pair, request, reply, query: readQuery(request), viewer, stamp: { now: miro.now(), userId } }
}

/** An operation on the board of the path. A board of another team is not found, in the same words as an unknown one. */
export function onBoard (handle: (call: BoardCall) => JsonObject | null): Operation['handle'] {
  return (call) => handle({ ...call, board: findBoard(call, paramOf(call, 'board_id')) })
}

export function findBoard ({ miro, pair }: ApiCall, id: string): Board {
  const board = miro.state.boards.find(id)
  if (board === undefined || board.teamId !== pair.teamId) throw notFound('Board not found')
  return board
}

/** A parameter of the path. */
export function paramOf ({ request }: ApiCall, name: string): string {
  const params = request.params as Readonly<Record<string, string>>
  return params[name] ?? ''
}

/** @throws {MiroRefusal} 404 if there is none with this id */
export function findById<Thing extends { id: string }> (things: readonly Thing[], id: string, what: string): Thing {
  const found = things.find((thing) => thing.id === id)
  if (found === undefined) throw notFound(`${what} not found`)
  return found
}
