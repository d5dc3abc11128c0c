import type { Directory } from '../seed/directory.js'
import { toMiroId } from '../identifiers.js'
import type { JsonObject } from '../wire/json-text.js'
import type { Board, BoardItem } from './boards.js'

/** What the JSON of a board needs besides the board. */
export interface BoardViewer {
  /** The user whose token made the request. */
  userId: string
  directory: Directory
  /** The origin of the emulator. */
  url: string
}

/** The JSON of a board in a list. */
export function toBoardJson (board: Board, viewer: BoardViewer): JsonObject {
  const owner = toUserJson(board.ownerId, viewer.directory)
  return {
    id: board.id,
    type: 'board',
    name: board.name,
    description: board.description,
    viewLink: `${viewer.url}/app/board/${board.id}`,
    team: toTeamJson(board.teamId, viewer),
    policy: { permissionsPolicy: board.policy.permissionsPolicy, sharingPolicy: board.policy.sharingPolicy },
    owner,
    currentUserMembership: toMembershipJson(board, viewer),
    createdAt: toInstant(board.createdAt),
    createdBy: owner,
    modifiedAt: toInstant(board.modifiedAt),
    modifiedBy: owner,
    lastOpenedAt: toInstant(board.modifiedAt),
    lastOpenedBy: owner
  }
}

/** The JSON of a single board: it has `links`, which the boards of a list do not have. */
export function toSingleBoardJson (board: Board, viewer: BoardViewer): JsonObject {
  const self = `${viewer.url}/v2/boards/${encodeURIComponent(board.id)}`
  return { ...toBoardJson(board, viewer), links: { self, related: `${self}/members?limit=20&offset=0` } }
}

/** The size of every item, in units of the board. */
export const geometry = { width: 199, height: 228 } as const

export function toItemJson (item: BoardItem, board: Board, viewer: BoardViewer): JsonObject {
  const { id, type, content, x, y } = item
  const author = { id: item.authorId, type: 'user' }
  return {
    id,
    type,
    data: { content, ...(type !== 'text' && { shape: shapeOf(type) }) },
    geometry,
    position: { x, y, origin: 'center', relativeTo: 'canvas_center' },
    createdAt: toInstant(item.createdAt),
    createdBy: author,
    modifiedAt: toInstant(item.createdAt),
    modifiedBy: author,
    links: { self: `${viewer.url}/v2/boards/${encodeURIComponent(board.id)}/items/${id}` }
  }
}

export function shapeOf (type: string): string {
  return type === 'shape' ? 'rectangle' : 'square'
}

function toUserJson (id: string, directory: Directory): JsonObject {
  return { id, name: directory.user(id)?.name, type: 'user' }
}

/** The picture's id is a bare 64-bit number, as in Miro's specification, so that `JSON.parse` rounds it here too. */
function toTeamJson (id: string, { directory, url }: BoardViewer): JsonObject {
  const picture = { type: 'picture', id: BigInt(toMiroId('picture', 1)), imageURL: `${url}/emulator/icon.svg` }
  return { type: 'team', id, name: directory.team(id)?.name, picture }
}

function toMembershipJson (board: Board, { userId, directory }: BoardViewer): JsonObject {
  const role = board.ownerId === userId ? 'owner' : 'editor'
  return { id: userId, name: directory.user(userId)?.name, role, type: 'board_member' }
}

/** Miro writes whole seconds, such as `2022-03-30T17:26:50Z`. */
export function toInstant (at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
