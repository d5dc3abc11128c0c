import { addItems, removeItems, replaceItem } from '../boards/board-contents.js'
import { type Members, requireFields } from '../fields/rule.js'
import { type BoardItem, stampChange, stampNew } from '../items/item.js'
import { checkParent, toBodyRule, toChangedItem, toNewItem } from '../items/item-body.js'
import { type ItemKind, itemKinds } from '../items/item-kinds.js'
import { toItemJson } from '../items/item-view.js'
import { type BoardCall, findById, onBoard, type Operation, paramOf, readScope, writeScope } from '../operations/operation.js'
import { readUpload } from '../uploads/upload.js'
import { invalidFields } from '../wire/envelope.js'
import { readJsonObject } from '../wire/json-body.js'
import type { JsonObject } from '../wire/json-text.js'
import type { UploadedFile } from '../wire/multipart.js'

/** Create, get, update and delete of each of the nine kinds. */
export const itemKindOperations: readonly Operation[] = itemKinds.flatMap((kind): Operation[] => {
  const all = `/:board_id/${kind.collection}`
  const one = `${all}/:item_id`
  const handle = (handler: (call: BoardCall, kind: ItemKind) => JsonObject | null) =>
    onBoard((call) => handler(call, kind))
  return [
    { method: 'POST', path: all, scope: writeScope, level: 'level2', status: 201, handle: handle(createItem) },
    { method: 'GET', path: one, scope: readScope, level: 'level1', handle: handle(getItem) },
    { method: 'PATCH', path: one, scope: writeScope, level: 'level2', handle: handle(updateItem) },
    { method: 'DELETE', path: one, scope: writeScope, level: 'level3', handle: handle(deleteItem) }
  ]
})

function createItem (call: BoardCall, kind: ItemKind): JsonObject {
  const { board, viewer } = call
  const { body, file } = readBody(call, kind, true)
  const item = toStoredItem(call, kind, { body, file })
  addItems(board, [item], call.stamp)
  return toItemJson(item, board, viewer)
}

/** A new item with its id. Its file is stored. */
export function toStoredItem (
  { miro, stamp }: Pick<BoardCall, 'miro' | 'stamp'>, kind: ItemKind, { body, file }: ItemBody
): BoardItem {
  const { boards, uploads } = miro.state
  const resource = kind.files === null ? null : { id: boards.nextId('resource'), isUploaded: file !== null }
  if (resource !== null && file !== null) uploads.add(resource.id, file)
  return { ...toNewItem(kind, body), ...stampNew(stamp), id: boards.nextId('item'), resource, tagIds: [] }
}

function getItem (call: BoardCall, kind: ItemKind): JsonObject {
  return toItemJson(findOfKind(call, kind), call.board, call.viewer)
}

function updateItem (call: BoardCall, kind: ItemKind): JsonObject {
  const { board, miro, stamp, viewer } = call
  const item = findOfKind(call, kind)
  const { body, file } = readBody(call, kind, false)
  const changed = { ...toChangedItem(kind, item, body, board.items), ...stampChange(stamp) }
  if (file !== null) {
    changed.resource = { id: miro.state.boards.nextId('resource'), isUploaded: true }
    miro.state.uploads.add(changed.resource.id, file)
  }
  replaceItem(board, changed)
  return toItemJson(changed, board, viewer)
}

function deleteItem (call: BoardCall, kind: ItemKind): null {
  removeItems(call.board, [findOfKind(call, kind).id], call.stamp)
  return null
}

/** A body of an item that was checked, and its file where it is uploaded. */
export interface ItemBody {
  body: Members
  file: UploadedFile | null
}

function readBody ({ board, request }: BoardCall, kind: ItemKind, isCreate: boolean): ItemBody {
  const upload = kind.files === null ? null : readUpload(request)
  const body = upload?.body ?? Object.fromEntries(readJsonObject(request))
  // A file that is uploaded is named by no URL.
  const rule = toBodyRule(kind)
  const checked = requireFields(rule, body, isCreate && upload === null)
  const problems = kind.canHaveParent ? checkParent(body, board.items) : []
  if (problems.length > 0) throw invalidFields(problems)
  return { body: checked, file: upload?.file ?? null }
}

function findOfKind (call: BoardCall, kind: ItemKind): BoardItem {
  const ofKind = call.board.items.filter(({ type }) => type === kind.type)
  return findById(ofKind, paramOf(call, 'item_id'), 'Item')
}
