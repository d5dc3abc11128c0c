import { isLater } from '../boards/board-contents.js'
import { invalidParameters } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'
import { readWholeNumber } from '../wire/whole-number.js'

/** The query of a list with a cursor. */
export interface CursorQuery {
  limit: number
  /** The id of the last thing of the page before, or null for the first page. */
  after: string | null
}

/** @throws {MiroRefusal} 400 for a limit out of bounds, or a cursor that no page gave */
export function readCursorQuery (query: URLSearchParams): CursorQuery {
  const limit = readWholeNumber(query, 'limit', { min: 10, max: 50, fallback: 10 })
  const cursor = query.get('cursor') ?? ''
  if (cursor === '') return { limit, after: null }
  const after = Buffer.from(cursor, 'base64url').toString()
  if (!/^\d{1,19}$/.test(after)) throw invalidParameters('The cursor is not valid')
  return { limit, after }
}

/** One page of a list, whose ids grow. What was removed since the page before does not disturb it. */
export function toCursorPage<Thing extends { id: string }> (
  things: readonly Thing[],
  { limit, after }: CursorQuery,
  { url, toJson }: { url: string, toJson: (thing: Thing) => JsonObject }
): JsonObject {
  const rest = things.filter(({ id }) => after === null || isLater(id, after))
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  const cursor = last === undefined || rest.length <= limit ? undefined : Buffer.from(last.id).toString('base64url')
  const self = `${url}?limit=${limit}`
  return {
    type: 'cursor-list',
    total: things.length,
    size: page.length,
    limit,
    ...(cursor !== undefined && { cursor }),
    links: { self, ...(cursor !== undefined && { next: `${self}&cursor=${cursor}` }) },
    data: page.map(toJson)
  }
}
