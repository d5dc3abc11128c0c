import { addItems, removeItems, replaceItem } from '../boards/board-contents.js'
import { requireFields, toFields } from '../fields/rule.js'
import { type BoardItem, stampChange } from '../items/item.js'
import { checkParent, toBodyRule, toChangedItem } from '../items/item-body.js'
import { type ItemKind, itemKinds } from '../items/item-kinds.js'
import { type ItemBody, storeFile, storeItem } from '../items/store-item.js'
import { toItemJson } from '../items/item-view.js'
import { type BoardCall, findById, onBoard, type Operation, paramOf, readScope, writeScope } from '../operations/operation.js'
import { readUpload } from '../uploads/upload.js'
import { invalidFields } from '../wire/envelope.js'
import { readJsonObject } from '../wire/json-body.js'
import type { JsonObject } from '../wire/json-text.js'

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
  const item = storeItem(call, kind, { body, file })
  addItems(board, [item], call.stamp)
  return toItemJson(item, board, viewer)
}

function getItem (call: BoardCall, kind: ItemKind): JsonObject {
  return toItemJson(findOfKind(call, kind), call.board, call.viewer)
}

function updateItem (call: BoardCall, kind: ItemKind): JsonObject {
  const { board, miro, stamp, viewer } = call
  const item = findOfKind(call, kind)
  const { body, file } = readBody(call, kind, false)
  const isOther = file !== null || (kind.files !== null && toFields(body['data'])['url'] !== undefined)
  const resource = isOther ? storeFile(miro.state, file) : item.resource
  const changed = { ...toChangedItem(kind, item, body, board.items), ...stampChange(stamp), resource }
  replaceItem(board, changed)
  return toItemJson(changed, board, viewer)
}

function deleteItem (call: BoardCall, kind: ItemKind): null {
  removeItems(call.board, [findOfKind(call, kind).id], call.stamp)
  return null
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
