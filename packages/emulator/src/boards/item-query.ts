import { invalidParameters } from '../wire/envelope.js'
import { readWholeNumber } from '../wire/whole-number.js'
import type { BoardItem } from './boards.js'

/** The query of `GET /v2/boards/:id/items`. */
export interface ItemQuery {
  limit: number
  /** The id of the last item of the page before, or null for the first page. */
  after: string | null
  type: string | null
}

export interface ItemPage {
  items: readonly BoardItem[]
  total: number
  /** Absent on the last page. */
  cursor?: string
}

/** @throws {MiroRefusal} 400 for a value that Miro does not accept */
export function readItemQuery (query: URLSearchParams): ItemQuery {
  const cursor = query.get('cursor')
  return {
    limit: readWholeNumber(query, 'limit', { min: 10, max: 50, fallback: 10 }),
    after: cursor === null || cursor === '' ? null : Buffer.from(cursor, 'base64url').toString(),
    type: query.get('type')
  }
}

/** @throws {MiroRefusal} 400 for a cursor that does not belong to this list */
export function selectItems (items: readonly BoardItem[], { limit, after, type }: ItemQuery): ItemPage {
  const found = items.filter((item) => type === null || item.type === type)
  const start = after === null ? 0 : found.findIndex((item) => item.id === after) + 1
  if (after !== null && start === 0) throw invalidParameters('The cursor is not valid')
  const page = found.slice(start, start + limit)
  const last = page.at(-1)
  const ended = last === undefined || start + limit >= found.length
  return { items: page, total: found.length, ...(!ended && { cursor: Buffer.from(last.id).toString('base64url') }) }
}
