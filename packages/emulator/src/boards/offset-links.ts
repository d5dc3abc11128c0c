import type { JsonObject } from '../wire/json-text.js'

export interface OffsetPage {
  limit: number
  offset: number
  total: number
}

/** The links of an offset page. They are `http://`, as in Miro's example: an app must not send its token to them. */
export function toOffsetLinks (url: string, { limit, offset, total }: OffsetPage): JsonObject {
  const at = (start: number) => `${url}?limit=${limit}&offset=${start}`
  return {
    self: at(offset),
    first: at(0),
    ...(offset > 0 && { prev: at(Math.max(0, offset - limit)) }),
    ...(offset + limit < total && { next: at(offset + limit) }),
    last: at(Math.max(0, Math.ceil(total / limit) - 1) * limit)
  }
}
