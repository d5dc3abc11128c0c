import { removeItems, touch } from '../boards/board-contents.js'
import type { Board, Group } from '../boards/board.js'
import { type BoardViewer, toBoardUrl } from '../boards/board-view.js'
import { readFields } from '../fields/read-fields.js'
import { list, object, problem, required, toFields } from '../fields/rule.js'
import { id } from '../fields/values.js'
import type { BoardItem } from '../items/item.js'
import { toGenericJson } from '../items/item-view.js'
import { readCursorQuery, toCursorPage } from '../operations/cursor-page.js'
import { type BoardCall, findById, onBoard, type Operation, paramOf, readScope, writeScope } from '../operations/operation.js'
import { invalidFields, invalidParameters } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'

const all = '/:board_id/groups'
const one = `${all}/:group_id`

export const groupOperations: readonly Operation[] = [
  { method: 'POST', path: all, scope: writeScope, level: 'level2', status: 201, handle: onBoard(createGroup) },
  { method: 'GET', path: all, scope: readScope, level: 'level2', handle: onBoard(listGroups) },
  { method: 'GET', path: `${all}/items`, scope: readScope, level: 'level2', handle: onBoard(listGroupItems) },
  { method: 'GET', path: one, scope: readScope, level: 'level2', handle: onBoard(getGroup) },
  { method: 'PUT', path: one, scope: writeScope, level: 'level2', handle: onBoard(updateGroup) },
  { method: 'DELETE', path: one, scope: writeScope, level: 'level3', handle: onBoard(deleteGroup) }
]

const groupRule = object({ data: required(object({ items: required(list(id(), { min: 1 })) })) })

function createGroup (call: BoardCall): JsonObject {
  return toGroupJson(putGroup(call, call.board.groups), call.board, call.viewer)
}

function listGroups ({ board, query, viewer }: BoardCall): JsonObject {
  return toCursorPage(board.groups, readCursorQuery(query), {
    url: `${toBoardUrl(board, viewer)}/groups`,
    toJson: (group) => toGroupJson(group, board, viewer)
  })
}

/** By Miro's document, the items are in a page of their own, inside of the group's `data`. */
function listGroupItems ({ board, query, viewer }: BoardCall): JsonObject {
  const groupId = query.get('group_item_id')
  if (groupId === null) throw invalidParameters('group_item_id is required')
  const { itemIds } = findById(board.groups, groupId, 'Group')
  const url = `${toBoardUrl(board, viewer)}/groups/items`
  const toJson = (item: BoardItem) => toGenericJson(item, board, viewer)
  const items = board.items.filter((item) => itemIds.includes(item.id))
  const page = toCursorPage(items, readCursorQuery(query), { url, toJson })
  const { limit, size, total, cursor } = page
  return { limit, size, total, ...(cursor !== undefined && { cursor }), data: { id: groupId, type: 'group', data: [page] } }
}

function getGroup (call: BoardCall): JsonObject {
  return toGroupJson(findGroup(call), call.board, call.viewer)
}

/** Miro puts a new group, with an id of its own, in the place of the old one. */
function updateGroup (call: BoardCall): JsonObject {
  const { board, viewer } = call
  const group = findGroup(call)
  return toGroupJson(putGroup(call, board.groups.filter((other) => other !== group)), board, viewer)
}

/** Without `delete_items=true` the items stay. */
function deleteGroup (call: BoardCall): null {
  const { board, query, stamp } = call
  const group = findGroup(call)
  const withItems = query.get('delete_items') ?? 'false'
  if (!['true', 'false'].includes(withItems)) throw invalidParameters('delete_items must be true or false')
  board.groups = board.groups.filter((other) => other !== group)
  if (withItems === 'true') removeItems(board, group.itemIds, stamp)
  touch(board, stamp)
  return null
}

/** Adds the group of the body to others. An item is in one group: it leaves the one that it was in. */
function putGroup ({ board, miro, request, stamp }: BoardCall, others: readonly Group[]): Group {
  const body = readFields(request, groupRule, true)
  const itemIds = [...new Set(toTexts(toFields(body['data'])['items']))]
  const strangers = itemIds.filter((itemId) => !board.items.some((item) => item.id === itemId))
  if (strangers.length > 0) throw invalidFields([problem({ path: 'data.items' }, 'must be ids of items of this board')])
  const group = { id: miro.state.boards.nextId('group'), itemIds }
  const left = others.map((other) =>
    ({ ...other, itemIds: other.itemIds.filter((itemId) => !itemIds.includes(itemId)) }))
  board.groups = [...left.filter((other) => other.itemIds.length > 0), group]
  touch(board, stamp)
  return group
}

function toTexts (value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function findGroup (call: BoardCall): Group {
  return findById(call.board.groups, paramOf(call, 'group_id'), 'Group')
}

/**
 * Miro's changelog and its clients name the items in `data.items`; its OpenAPI document requires of `data` the fields
 * of another kind of group, `id`, `name` and `type`. The answer has both.
 *
 * @see https://developers.miro.com/changelog/2024-05-07
 */
function toGroupJson ({ id: groupId, itemIds }: Group, board: Board, viewer: BoardViewer): JsonObject {
  return {
    id: groupId,
    type: 'group',
    data: { id: groupId, name: '', type: 'group', items: itemIds },
    links: { self: `${toBoardUrl(board, viewer)}/groups/${groupId}` }
  }
}
