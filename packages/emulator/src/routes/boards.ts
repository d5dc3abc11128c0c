import { readBoardFields } from '../boards/board-body.js'
import type { Board } from '../boards/board.js'
import { touch } from '../boards/board-contents.js'
import { copyContents } from '../boards/board-copy.js'
import { defaultPolicy } from '../boards/board-policy.js'
import { readBoardQuery, selectBoards } from '../boards/board-query.js'
import { toBoardJson, toChangedBoardJson, toSingleBoardJson } from '../boards/board-view.js'
import { requireRoomForBoard } from '../boards/room.js'
import { toTeamRoles } from '../members/role.js'
import { toOffsetPage } from '../operations/offset-page.js'
import {
  type ApiCall, type BoardCall, findBoard, onBoard, type Operation, readScope, writeScope
} from '../operations/operation.js'
import { invalidParameters } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'

export const boardOperations: readonly Operation[] = [
  { method: 'GET', path: '', scope: readScope, level: 'level1', handle: listBoards },
  { method: 'POST', path: '', scope: writeScope, level: 'level3', status: 201, handle: createBoard },
  { method: 'PUT', path: '', scope: writeScope, level: 'level4', status: 201, handle: copyBoard },
  { method: 'GET', path: '/:board_id', scope: readScope, level: 'level1', handle: onBoard(getBoard) },
  { method: 'PATCH', path: '/:board_id', scope: writeScope, level: 'level2', handle: onBoard(updateBoard) },
  { method: 'DELETE', path: '/:board_id', scope: writeScope, level: 'level3', handle: onBoard(deleteBoard) }
]

function listBoards ({ miro, pair, query, viewer }: ApiCall): JsonObject {
  const wanted = readBoardQuery(query)
  const boards = selectBoards(miro.state.boards.ofTeam(pair.teamId), wanted)
  return toOffsetPage(boards, wanted, { url: `${miro.url}/v2/boards`, toJson: (board) => toBoardJson(board, viewer) })
}

function createBoard (call: ApiCall): JsonObject {
  const untitled = { name: 'Untitled', description: '', policy: defaultPolicy }
  return toChangedBoardJson(addBoard(call, untitled), call.viewer)
}

/** The copy has the name of the original, where the body names no other. */
function copyBoard (call: ApiCall): JsonObject {
  const { miro, query, stamp, viewer } = call
  const original = query.get('copy_from')
  if (original === null) throw invalidParameters('copy_from is required')
  const source = findBoard(call, original)
  requireRoomForBoard(miro.state.boards.list(), source.items.length)
  const copy = addBoard(call, source)
  Object.assign(copy, copyContents(source, (kind) => miro.state.boards.nextId(kind), stamp))
  return toChangedBoardJson(copy, viewer)
}

function addBoard ({ miro, pair, request, stamp }: ApiCall, current: Pick<Board, 'name' | 'description' | 'policy'>) {
  const fields = readBoardFields(request, current, pair)
  const { teamId, userId: ownerId } = pair
  requireRoomForBoard(miro.state.boards.list())
  const roles = toTeamRoles(miro.directory.membersOf(teamId), ownerId)
  return miro.state.boards.create({ ...fields, teamId, ownerId, roles }, stamp)
}

function getBoard ({ board, viewer }: BoardCall): JsonObject {
  return toSingleBoardJson(board, viewer)
}

function updateBoard ({ board, pair, request, stamp, viewer }: BoardCall): JsonObject {
  Object.assign(board, readBoardFields(request, board, pair))
  touch(board, stamp)
  return toChangedBoardJson(board, viewer)
}

function deleteBoard ({ board, miro }: BoardCall): null {
  miro.state.boards.remove(board.id)
  return null
}
