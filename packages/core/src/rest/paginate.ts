import { BadResponseError } from '../errors.js'
import { isJsonObject } from '../wire/lossless-json.js'
import type { ApiJson } from './api-json.js'
import type { ApiQuery } from './json-request.js'
import { Walk } from './walk.js'

/** Settings of a walk through pages. */
export interface PaginateOptions {
  /** `limit` is how many items a page has: 1 to 50 of a list by offset, 10 to 50 of a list by cursor. */
  query?: ApiQuery | undefined
  signal?: AbortSignal | undefined
}

/** What a typed call knows of its list. */
export interface WalkedList {
  /** The path without ids, for errors. */
  template?: string | undefined
  /** Finds the entries of a page; default its `data`. What is no array is an answer that makes no sense. */
  entriesOf?: ((page: Record<string, unknown>) => unknown) | undefined
}

/**
 * Yields every item of a list, page after page, by `cursor` or by `offset`, whichever the list's answers carry.
 *
 * Of a list by offset, an item that appears meanwhile is not yielded twice, and one that vanishes hides no other.
 * Miro's own `links` are never followed: they are http in Miro's examples, and would take the token with them.
 *
 * @throws {ApiError | BadResponseError | UnavailableError} and what getting a token throws
 * @throws {BadResponseError} with a message of its own: a cursor came back, or a hundred pages in a row had no new item
 * @see https://developers.miro.com/reference/rest-api-pagination
 */
export async function * paginate (
  api: ApiJson,
  path: string,
  { query = {}, signal, template, entriesOf = dataOf }: PaginateOptions & WalkedList = {}
): AsyncGenerator<Record<string, unknown>, void, undefined> {
  const walk = new Walk()
  while (walk.next !== null) {
    const page = await api(path, { query: { ...query, ...walk.next }, signal, template })
    const entries = isJsonObject(page) ? entriesOf(page) : null
    if (!isJsonObject(page) || !Array.isArray(entries)) throw new BadResponseError()
    yield * walk.take(page, entries.filter(isJsonObject), entries.length)
  }
}

function dataOf (page: Record<string, unknown>): unknown {
  return page['data']
}
