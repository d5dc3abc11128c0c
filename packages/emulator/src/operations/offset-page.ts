import type { JsonObject } from '../wire/json-text.js'
import { readWholeNumber } from '../wire/whole-number.js'

/** The query of a list with offsets. */
export interface OffsetQuery {
  limit: number
  offset: number
}

/** @throws {MiroRefusal} 400 for a number out of bounds */
export function readOffsetQuery (query: URLSearchParams): OffsetQuery {
  return {
    limit: readWholeNumber(query, 'limit', { min: 1, max: 50, fallback: 20 }),
    offset: readWholeNumber(query, 'offset', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 })
  }
}

/** @param url of the list; where it has a query, the links continue it */
export function toOffsetPage<Thing> (
  things: readonly Thing[],
  { limit, offset }: OffsetQuery,
  { url, toJson }: { url: string, toJson: (thing: Thing) => JsonObject }
): JsonObject {
  const page = things.slice(offset, offset + limit)
  return {
    type: 'list',
    total: things.length,
    size: page.length,
    offset,
    limit,
    links: toLinks(url, { limit, offset, total: things.length }),
    data: page.map(toJson)
  }
}

/** The links of a page. They are `http://`, as in Miro's example: an app must not send its token to them. */
function toLinks (url: string, { limit, offset, total }: OffsetQuery & { total: number }): JsonObject {
  const at = (start: number) => `${url}${url.includes('?') ? '&' : '?'}limit=${limit}&offset=${start}`
  return {
    self: at(offset),
    first: at(0),
    ...(offset > 0 && { prev: at(Math.max(0, offset - limit)) }),
    ...(offset + limit < total && { next: at(offset + limit) }),
    last: at(Math.max(0, Math.ceil(total / limit) - 1) * limit)
  }
}
