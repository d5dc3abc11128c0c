import { BadResponseError } from '../errors.js'
import { isJsonObject } from '../wire/lossless-json.js'
import type { ApiJson, ApiRequest } from './api-json.js'

/** Settings of a walk through pages. */
export type PaginateOptions = Pick<ApiRequest, 'query' | 'signal'>

/**
 * Yields every item of a list, page after page, by `cursor` or by `offset`, whichever the list's answers carry.
 *
 * Miro's own `links` are never followed: they are http in Miro's examples, and would take the token with them.
 *
 * @throws {ApiError | BadResponseError | UnavailableError} and what getting a token throws
 * @see https://developers.miro.com/reference/rest-api-pagination
 */
export async function * paginate (
  api: ApiJson,
  path: string,
  { query = {}, signal }: PaginateOptions = {}
): AsyncGenerator<Record<string, unknown>, void, undefined> {
  const cursors = new Set<unknown>()
  let position: NextPage | null = {}
  while (position !== null) {
    const page = await api(path, { query: { ...query, ...position }, signal })
    const items = page['data']
    if (!Array.isArray(items)) throw new BadResponseError()
    yield * items.filter(isJsonObject)
    position = nextPage(page, items.length, position)
    // A cursor that comes back would be walked for ever.
    if (position?.cursor !== undefined && cursors.has(position.cursor)) throw new BadResponseError()
    cursors.add(position?.cursor)
  }
}

interface NextPage { cursor?: string, offset?: number }

function nextPage (page: Record<string, unknown>, size: number, last: NextPage): NextPage | null {
  const { cursor, offset, total } = page
  if (typeof cursor === 'string' && cursor !== '') return { cursor }
  if (typeof offset !== 'number' || typeof total !== 'number' || size === 0) return null
  if (offset < (last.offset ?? 0)) throw new BadResponseError()
  const next = offset + size
  return next >= total ? null : { offset: next }
}
