import { toInstant } from '../boards/board-view.js'
import { toNotes } from '../boards/board-notes.js'
import type { Board } from '../boards/board.js'
import type { BoardItem } from '../items/item.js'
import type { JsonObject } from '../wire/json-text.js'

/**
 * A board as the Web SDK tells of it, `miro.board.getInfo()` and `miro.board.get()`, and what its page shows: `notes`.
 */
export function toSdkBoard (board: Board): JsonObject {
  const { id, createdAt, modifiedAt } = board
  const info = { id, locale: 'en', createdAt: toInstant(createdAt), updatedAt: toInstant(modifiedAt) }
  return { info, items: board.items.map(toSdkItem), notes: toNotes(board).map((note) => ({ ...note })) }
}

/** An item of the Web SDK: its fields are not in groups, as those of the REST API are. */
export function toSdkItem (item: BoardItem): JsonObject {
  const { id, type, data, style, x, y, width, height, rotation, parentId, tagIds } = item
  return {
    ...data,
    id,
    type,
    style,
    x,
    y,
    width,
    height,
    rotation,
    parentId,
    tagIds,
    createdAt: toInstant(item.createdAt),
    createdBy: item.createdBy,
    modifiedAt: toInstant(item.modifiedAt),
    modifiedBy: item.modifiedBy
  }
}
