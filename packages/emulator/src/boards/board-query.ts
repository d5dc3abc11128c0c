import { invalidParameters } from '../wire/envelope.js'
import { type OffsetQuery, readOffsetQuery } from '../operations/offset-page.js'
import type { Board } from './board.js'

/** The query of `GET /v2/boards`. */
export interface BoardQuery extends OffsetQuery {
  teamId: string | null
  projectId: string | null
  owner: string | null
  /** The search text, in lower case. */
  text: string
  sort: string
}

const orders = new Map<string, (a: Board, b: Board) => number>([
  ['default', byModified],
  ['last_modified', byModified],
  ['last_opened', byModified],
  ['last_created', (a, b) => b.createdAt - a.createdAt],
  ['alphabetically', (a, b) => a.name.localeCompare(b.name, 'en')]
])

/** @throws {MiroRefusal} 400 for a value that Miro does not accept */
export function readBoardQuery (query: URLSearchParams): BoardQuery {
  const text = query.get('query') ?? ''
  const sort = query.get('sort') ?? 'default'
  if (text.length > 500) throw invalidParameters('query must have at most 500 characters')
  if (!orders.has(sort)) throw invalidParameters(`sort must be one of ${[...orders.keys()].join(', ')}`)
  return {
    ...readOffsetQuery(query),
    teamId: query.get('team_id'),
    projectId: query.get('project_id'),
    owner: query.get('owner'),
    text: text.toLowerCase(),
    sort
  }
}

/** Filters and sorts the boards of the token's team. */
export function selectBoards (boards: readonly Board[], query: BoardQuery): Board[] {
  return boards.filter((board) => matches(board, query)).sort(orders.get(query.sort))
}

/** With a team or a project, Miro ignores `query` and `owner`. The emulator has no projects, so none has a board. */
function matches (board: Board, { teamId, projectId, owner, text }: BoardQuery): boolean {
  if (projectId !== null) return false
  if (teamId !== null) return board.teamId === teamId
  if (owner !== null && board.ownerId !== owner) return false
  return `${board.name}\n${board.description}`.toLowerCase().includes(text)
}

function byModified (a: Board, b: Board): number {
  return b.modifiedAt - a.modifiedAt
}
