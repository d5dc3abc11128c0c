import type { Directory } from '../seed/directory.js'
import type { Role } from '../members/role.js'
import { toMiroId } from '../identifiers.js'
import type { JsonObject } from '../wire/json-text.js'
import type { Board } from './board.js'

/** What the JSON of a board needs besides the board. */
export interface BoardViewer {
  /** The user whose token made the request. */
  userId: string
  directory: Directory
  /** The origin of the emulator. */
  url: string
  /** The origin at which the request reached the API, for addresses that the app has to call. */
  apiOrigin: string
}

export function toBoardUrl ({ id }: Pick<Board, 'id'>, { url }: BoardViewer): string {
  return `${url}/v2/boards/${encodeURIComponent(id)}`
}

/** The JSON of a board in a list. */
export function toBoardJson (board: Board, viewer: BoardViewer): JsonObject {
  const lastOpenedBy = toUserJson(board.modifiedBy, viewer.directory)
  return { ...toFields(board, viewer), lastOpenedAt: toInstant(board.modifiedAt), lastOpenedBy }
}

/** The JSON of a single board: it has `links`, which the boards of a list do not have. */
export function toSingleBoardJson (board: Board, viewer: BoardViewer): JsonObject {
  return { ...toBoardJson(board, viewer), links: toLinks(board, viewer) }
}

/** The JSON of a board that was created, copied or changed: nothing in it says who opened the board last. */
export function toChangedBoardJson (board: Board, viewer: BoardViewer): JsonObject {
  return { ...toFields(board, viewer), links: toLinks(board, viewer) }
}

function toLinks (board: Board, viewer: BoardViewer): JsonObject {
  const self = toBoardUrl(board, viewer)
  return { self, related: `${self}/members?limit=20&offset=0` }
}

function toFields (board: Board, viewer: BoardViewer): JsonObject {
  return {
    id: board.id,
    type: 'board',
    name: board.name,
    description: board.description,
    viewLink: `${viewer.url}/app/board/${board.id}`,
    team: toTeamJson(board.teamId, viewer),
    policy: { permissionsPolicy: board.policy.permissionsPolicy, sharingPolicy: board.policy.sharingPolicy },
    owner: toUserJson(board.ownerId, viewer.directory),
    ...toMembershipJson(board, viewer),
    createdAt: toInstant(board.createdAt),
    createdBy: toUserJson(board.createdBy, viewer.directory),
    modifiedAt: toInstant(board.modifiedAt),
    modifiedBy: toUserJson(board.modifiedBy, viewer.directory)
  }
}

function toUserJson (id: string, directory: Directory): JsonObject {
  return { id, name: directory.user(id)?.name, type: 'user' }
}

/** The picture's id is a bare 64-bit number, as in Miro's specification, so that `JSON.parse` rounds it here too. */
function toTeamJson (id: string, { directory, url }: BoardViewer): JsonObject {
  const picture = { type: 'picture', id: BigInt(toMiroId('picture', 1)), imageURL: `${url}/emulator/icon.svg` }
  return { type: 'team', id, name: directory.team(id)?.name, picture }
}

/** A person of the team who was removed from the board still reads it, and has no membership. */
function toMembershipJson ({ roles }: Board, { userId, directory }: BoardViewer): JsonObject {
  const role = roles.get(userId)
  return role === undefined ? {} : { currentUserMembership: toMemberJson(userId, role, directory) }
}

export function toMemberJson (id: string, role: Role, directory: Directory): JsonObject {
  return { id, name: directory.user(id)?.name, role, type: 'board_member' }
}

/** Miro writes whole seconds, such as `2022-03-30T17:26:50Z`. */
export function toInstant (at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
