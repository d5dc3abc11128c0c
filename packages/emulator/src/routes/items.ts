import { readFields } from '../fields/read-fields.js'
import { removeItems, replaceItem } from '../boards/board-contents.js'
import { type BoardItem, stampChange } from '../items/item.js'
import { checkParent, moveRule, readMove } from '../items/item-body.js'
import { toGenericJson } from '../items/item-view.js'
import { itemKinds, kindOf } from '../items/item-kinds.js'
import { move } from '../items/placement.js'
import { readCursorQuery, toCursorPage } from '../operations/cursor-page.js'
import { readOffsetQuery, toOffsetPage } from '../operations/offset-page.js'
import {
  type BoardCall, findById, onBoard, type Operation, paramOf, readScope, writeScope
} from '../operations/operation.js'
import { attachTag, detachTag } from '../tags/item-tags.js'
import { toBoardUrl } from '../boards/board-view.js'
import { invalidFields, invalidParameters } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'
import { readQuery } from '../wire/parameters.js'

// Miro has two more operations on each of these paths: with `tag_id` in the query they are about a tag.
const levelOf = (level: 'level2' | 'level3'): Operation['level'] => (request) =>
  ({ level: readQuery(request).has('tag_id') ? 'level1' : level })

/** Items of all kinds, of which these operations know neither style nor fields. */
export const itemOperations: readonly Operation[] = [
  { method: 'GET', path: '/:board_id/items', scope: readScope, level: levelOf('level2'), handle: onBoard(listItems) },
  { method: 'GET', path: '/:board_id/items/:item_id', scope: readScope, level: 'level1', handle: onBoard(getItem) },
  { method: 'PATCH', path: '/:board_id/items/:item_id', scope: writeScope, level: 'level2', handle: onBoard(moveItem) },
  {
    method: 'DELETE', path: '/:board_id/items/:item_id', scope: writeScope, level: levelOf('level3'), handle: onBoard(removeItem)
  },
  { method: 'POST', path: '/:board_id/items/:item_id', scope: writeScope, level: 'level1', handle: onBoard(attachTag) }
]

function listItems (call: BoardCall): JsonObject {
  const { board, query, viewer } = call
  const toJson = (item: BoardItem) => toGenericJson(item, board, viewer)
  const url = `${toBoardUrl(board, viewer)}/items`
  const tagId = query.get('tag_id')
  if (tagId !== null) {
    findById(board.tags, tagId, 'Tag')
    const tagged = board.items.filter(({ tagIds }) => tagIds.includes(tagId))
    return toOffsetPage(tagged, readOffsetQuery(query), { url: `${url}?tag_id=${tagId}`, toJson })
  }
  return toCursorPage(selectItems(call), readCursorQuery(query), { url, toJson })
}

/** The types of Miro's items, of which the emulator has no previews, documents in Miro's format and tables. */
const types = [...itemKinds.map(({ type }) => type), 'preview', 'doc_format', 'data_table_format']

function selectItems ({ board, query }: BoardCall): BoardItem[] {
  const [type, parentId] = [query.get('type'), query.get('parent_item_id')]
  if (type !== null && !types.includes(type)) throw invalidParameters(`type must be one of ${types.join(', ')}`)
  if (parentId !== null) findById(board.items.filter((item) => item.type === 'frame'), parentId, 'Frame')
  return board.items
    .filter((item) => (type === null || item.type === type) && (parentId === null || item.parentId === parentId))
}

function getItem (call: BoardCall): JsonObject {
  return toGenericJson(findItem(call), call.board, call.viewer)
}

function moveItem (call: BoardCall): JsonObject {
  const { board, request, stamp, viewer } = call
  const item = findItem(call)
  const body = readFields(request, moveRule, false)
  const problems = kindOf(item.type)?.canHaveParent === false && readMove(body).parentId !== undefined
    ? [{ field: 'parent', message: 'parent cannot be set: a frame is in no other frame' }]
    : checkParent(body, board.items)
  if (problems.length > 0) throw invalidFields(problems)
  const moved = { ...item, ...move(item, readMove(body), board.items), ...stampChange(stamp) }
  replaceItem(board, moved)
  return toGenericJson(moved, board, viewer)
}

function removeItem (call: BoardCall): null {
  if (call.query.has('tag_id')) return detachTag(call)
  removeItems(call.board, [findItem(call).id], call.stamp)
  return null
}

export function findItem (call: BoardCall): BoardItem {
  return findById(call.board.items, paramOf(call, 'item_id'), 'Item')
}
