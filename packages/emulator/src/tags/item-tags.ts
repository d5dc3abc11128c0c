import { replaceItem } from '../boards/board-contents.js'
import { stampChange } from '../items/item.js'
import { type BoardCall, findById, paramOf } from '../operations/operation.js'
import { invalidParameters } from '../wire/envelope.js'

const maxTags = 8

/** Miro gives tags to these kinds only. */
const taggable = ['card', 'sticky_note']

/** `POST …/items/{id}?tag_id=`. A tag that the item has already is no error. */
export function attachTag (call: BoardCall): null {
  const { item, tagId } = findBoth(call)
  if (!taggable.includes(item.type)) throw invalidParameters('Only cards and sticky notes have tags')
  const tagIds = [...new Set([...item.tagIds, tagId])]
  if (tagIds.length > maxTags) throw invalidParameters(`An item has at most ${maxTags} tags`)
  replaceItem(call.board, { ...item, ...stampChange(call.stamp), tagIds })
  return null
}

/** `DELETE …/items/{id}?tag_id=`, which keeps the item. */
export function detachTag (call: BoardCall): null {
  const { item, tagId } = findBoth(call)
  replaceItem(call.board, { ...item, ...stampChange(call.stamp), tagIds: item.tagIds.filter((id) => id !== tagId) })
  return null
}

function findBoth (call: BoardCall) {
  const tagId = call.query.get('tag_id')
  if (tagId === null) throw invalidParameters('tag_id is required')
  findById(call.board.tags, tagId, 'Tag')
  return { item: findById(call.board.items, paramOf(call, 'item_id'), 'Item'), tagId }
}
