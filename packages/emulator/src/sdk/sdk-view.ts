import { geometry, shapeOf, toInstant } from '../boards/board-view.js'
import type { Board, BoardItem } from '../boards/boards.js'
import type { JsonObject } from '../wire/json-text.js'

/** A board as the Web SDK tells of it: `miro.board.getInfo()` and `miro.board.get()`. */
export function toSdkBoard (board: Board): JsonObject {
  const { id, createdAt, modifiedAt } = board
  const info = { id, locale: 'en', createdAt: toInstant(createdAt), updatedAt: toInstant(modifiedAt) }
  return { info, items: board.items.map(toSdkItem) }
}

/** An item of the Web SDK: its fields are not in groups, as those of the REST API are. */
export function toSdkItem (item: BoardItem): JsonObject {
  const { id, type, content, x, y, authorId, createdAt } = item
  return {
    id,
    type,
    content,
    ...(type !== 'text' && { shape: shapeOf(type) }),
    x,
    y,
    ...geometry,
    createdAt: toInstant(createdAt),
    createdBy: authorId,
    modifiedAt: toInstant(createdAt),
    modifiedBy: authorId
  }
}
