import { touch } from '../boards/board-contents.js'
import type { Board } from '../boards/board.js'
import { type BoardViewer, toBoardUrl } from '../boards/board-view.js'
import { readFields } from '../fields/read-fields.js'
import { object, requiredAtFirst } from '../fields/rule.js'
import { choice, text } from '../fields/values.js'
import { readOffsetQuery, toOffsetPage } from '../operations/offset-page.js'
import { type BoardCall, findById, onBoard, type Operation, paramOf, readScope, writeScope } from '../operations/operation.js'
import type { Tag } from '../tags/tag.js'
import { invalidFields } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'

const all = '/:board_id/tags'
const one = `${all}/:tag_id`

/** The tags of a board. Those of an item are attached by the operations of items. */
export const tagOperations: readonly Operation[] = [
  { method: 'POST', path: all, scope: writeScope, level: 'level1', status: 201, handle: onBoard(createTag) },
  { method: 'GET', path: all, scope: readScope, level: 'level1', handle: onBoard(listTags) },
  { method: 'GET', path: one, scope: readScope, level: 'level1', handle: onBoard(getTag) },
  { method: 'PATCH', path: one, scope: writeScope, level: 'level1', handle: onBoard(updateTag) },
  { method: 'DELETE', path: one, scope: writeScope, level: 'level1', handle: onBoard(deleteTag) },
  { method: 'GET', path: '/:board_id/items/:item_id/tags', scope: readScope, level: 'level1', handle: onBoard(listItemTags) }
]

const tagRule = object({
  title: requiredAtFirst(text({ max: 120 })),
  fillColor: choice([
    'red', 'light_green', 'cyan', 'yellow', 'magenta', 'green', 'blue', 'gray', 'violet', 'dark_green', 'dark_blue', 'black'
  ])
})

function createTag (call: BoardCall): JsonObject {
  const { board, miro, stamp, viewer } = call
  const tag = readTag(call, { id: miro.state.boards.nextId('tag'), title: '', fillColor: 'red' }, true)
  board.tags = [...board.tags, tag]
  touch(board, stamp)
  return toSingleTagJson(tag, board, viewer)
}

function listTags ({ board, query, viewer }: BoardCall): JsonObject {
  return toOffsetPage(board.tags, readOffsetQuery(query), { url: `${toBoardUrl(board, viewer)}/tags`, toJson: toTagJson })
}

function getTag (call: BoardCall): JsonObject {
  return toSingleTagJson(findTag(call), call.board, call.viewer)
}

function updateTag (call: BoardCall): JsonObject {
  const { board, stamp, viewer } = call
  const tag = findTag(call)
  const changed = readTag(call, tag, false)
  board.tags = board.tags.map((other) => other === tag ? changed : other)
  touch(board, stamp)
  return toSingleTagJson(changed, board, viewer)
}

function deleteTag (call: BoardCall): null {
  const { board, stamp } = call
  const tag = findTag(call)
  board.tags = board.tags.filter((other) => other !== tag)
  board.items = board.items.map((item) => ({ ...item, tagIds: item.tagIds.filter((id) => id !== tag.id) }))
  touch(board, stamp)
  return null
}

function listItemTags (call: BoardCall): JsonObject {
  const { board } = call
  const { tagIds } = findById(board.items, paramOf(call, 'item_id'), 'Item')
  return { tags: board.tags.filter(({ id }) => tagIds.includes(id)).map(toTagJson) }
}

/** The title of a tag is unique on its board. */
function readTag ({ board, request }: BoardCall, current: Tag, isCreate: boolean): Tag {
  const { title = current.title, fillColor = current.fillColor } =
    readFields(request, tagRule, isCreate)
  const tag = { ...current, title: String(title), fillColor: String(fillColor) }
  const isTaken = board.tags.some((other) => other.id !== tag.id && other.title === tag.title)
  if (isTaken) throw invalidFields([{ field: 'title', message: 'title must be one that no other tag of this board has' }])
  return tag
}

function findTag (call: BoardCall): Tag {
  return findById(call.board.tags, paramOf(call, 'tag_id'), 'Tag')
}

function toTagJson ({ id, title, fillColor }: Tag): JsonObject {
  return { id, type: 'tag', title, fillColor }
}

function toSingleTagJson (tag: Tag, board: Board, viewer: BoardViewer): JsonObject {
  return { ...toTagJson(tag), links: { self: `${toBoardUrl(board, viewer)}/tags/${tag.id}` } }
}
