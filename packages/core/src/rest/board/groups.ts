import { isJsonObject } from '../../wire/lossless-json.js'
import { eachItem, toItem, type ApiCall } from '../api-call.js'
import type { CallOptions } from '../json-request.js'
import type { AnyItem } from './item-types.js'
import type { Fields, PageQuery } from './parts.js'

/** Items that are moved together. */
export interface Group extends Fields {
  id: string
  type?: string
  data?: Fields
}

/** @see https://developers.miro.com/reference/creategroup */
export interface Groups {
  iterate: (query?: PageQuery, options?: CallOptions) => AsyncGenerator<Group, void, undefined>
  /** Groups at least two items. */
  create: (itemIds: readonly string[], options?: CallOptions) => Promise<Group>
  get: (groupId: string, options?: CallOptions) => Promise<Group>
  items: (groupId: string, query?: PageQuery, options?: CallOptions) => AsyncGenerator<AnyItem, void, undefined>
  /** Gives a group other items. Miro answers with a group that has another id. */
  update: (groupId: string, itemIds: readonly string[], options?: CallOptions) => Promise<Group>
  /** Ends a group, and leaves its items. */
  ungroup: (groupId: string, options?: CallOptions) => Promise<void>
  /** Deletes a group with its items. */
  delete: (groupId: string, options?: CallOptions) => Promise<void>
}

/** Makes {@link Groups} of a board. */
export function createGroups ({ send, run, iterate }: ApiCall, boardId: string): Groups {
  const toBody = (itemIds: readonly string[]): unknown => ({ data: { items: itemIds } })
  return {
    iterate: (query = {}, options) => {
      return eachItem<Group>(iterate('get-all-groups', { ids: [boardId], query: { ...query }, options }))
    },
    items: (groupId, query = {}, options) => {
      const target = { ids: [boardId], queryIds: { group_item_id: groupId }, query: { ...query } }
      return eachItem<AnyItem>(iterate('getItemsByGroupId', { ...target, options, entriesOf: itemsOf }))
    },
    async create (itemIds, options) {
      return toItem<Group>(await send('createGroup', { ids: [boardId], body: toBody(itemIds), options }))
    },
    async get (groupId, options) {
      return toItem<Group>(await send('getGroupById', { ids: [boardId, groupId], options }))
    },
    // A PUT by name, and yet Miro makes a group with another id each time.
    async update (groupId, itemIds, options) {
      const request = { ids: [boardId, groupId], body: toBody(itemIds), options, idempotent: false }
      return toItem<Group>(await send('updateGroup', request))
    },
    async ungroup (groupId, options) {
      await run('unGroup', { ids: [boardId, groupId], options })
    },
    async delete (groupId, options) {
      await run('deleteGroup', { ids: [boardId, groupId], query: { delete_items: true }, options })
    }
  }
}

/**
 * The items of a page of a group. Miro's document has them in the group's `data`, as pages within the page; all other
 * lists have items in `data`.
 */
function itemsOf ({ data }: Record<string, unknown>): unknown {
  const entries = isJsonObject(data) ? data['data'] : data
  return Array.isArray(entries) ? entries.flatMap(pageItems) : null
}

function pageItems (entry: unknown): unknown[] {
  return isJsonObject(entry) && !('id' in entry) && Array.isArray(entry['data']) ? entry['data'] : [entry]
}
