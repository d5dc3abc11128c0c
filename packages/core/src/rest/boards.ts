import { BadResponseError } from '../errors.js'
import { isJsonObject } from '../wire/lossless-json.js'
import type { ApiCall } from './api-call.js'
import type { CallOptions } from './json-request.js'

/**
 * A board as Miro sent it. The named fields are documented; others can be read by name.
 *
 * @see https://developers.miro.com/reference/get-specific-board
 */
export interface Board {
  id: string
  name: string
  description?: string
  viewLink?: string
  /** ISO 8601. */
  createdAt?: string
  /** ISO 8601. */
  modifiedAt?: string
  [field: string]: unknown
}

/** Filters of `GET /v2/boards`, under Miro's names. @see https://developers.miro.com/reference/get-boards */
export interface BoardQuery {
  team_id?: string | undefined
  project_id?: string | undefined
  query?: string | undefined
  owner?: string | undefined
  sort?: 'default' | 'last_modified' | 'last_opened' | 'last_created' | 'alphabetically' | undefined
  /** 1 to 50, default 20. */
  limit?: number | undefined
  offset?: number | undefined
}

/** One page of boards, under Miro's names. Its `links` are left out: to follow them would send the token along. */
export interface BoardPage {
  data: Board[]
  /** How many boards there are in all. */
  total: number
  /** How many this page holds. */
  size: number
  offset: number
}

/** What a new board can be given. @see https://developers.miro.com/reference/create-board */
export interface NewBoard {
  /** 1 to 60 characters; Miro's default is `Untitled`. */
  name?: string | undefined
  /** At most 300 characters. */
  description?: string | undefined
  teamId?: string | undefined
  projectId?: string | undefined
  policy?: Record<string, unknown> | undefined
}

/**
 * The boards a grant can reach. Every call throws what getting a token throws, ApiError where Miro says no,
 * BadResponseError, UnavailableError, and ConfigError for an id that is no text.
 */
export interface Boards {
  /** One page of boards. */
  list: (query?: BoardQuery, options?: CallOptions) => Promise<BoardPage>
  /** Every board, page after page. */
  iterate: (query?: Omit<BoardQuery, 'offset'>, options?: CallOptions) => AsyncIterable<Board>
  get: (boardId: string, options?: CallOptions) => Promise<Board>
  /** Needs the scope `boards:write`. */
  create: (board?: NewBoard, options?: CallOptions) => Promise<Board>
}

/** Makes {@link Boards} over typed calls. */
export function createBoards ({ send, iterate }: ApiCall): Boards {
  return {
    async list (query = {}, options) {
      const page = await send('get-boards', { query: { ...query }, options })
      const { data: items, total, offset } = page
      if (!Array.isArray(items)) throw new BadResponseError()
      return {
        data: items.map(toBoard),
        total: toCount(total, items.length),
        size: items.length,
        offset: toCount(offset, query.offset ?? 0)
      }
    },
    async * iterate (query = {}, options) {
      for await (const item of iterate('get-boards', { query: { ...query }, options })) yield toBoard(item)
    },
    async get (boardId, options) {
      return toBoard(await send('get-specific-board', { ids: [boardId], options }))
    },
    async create (board = {}, options) {
      return toBoard(await send('create-board', { body: board, options }))
    }
  }
}

/** A board as Miro sent it. @throws {BadResponseError} it has no id or no name */
export function toBoard (value: unknown): Board {
  if (!isBoard(value)) throw new BadResponseError()
  return value
}

function isBoard (value: unknown): value is Board {
  return isJsonObject(value) && typeof value['id'] === 'string' && typeof value['name'] === 'string'
}

function toCount (value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}
