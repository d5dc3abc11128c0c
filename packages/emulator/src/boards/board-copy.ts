import type { IdKind } from '../identifiers.js'
import { type Stamp, stampNew } from '../items/item.js'
import type { Board } from './board.js'

type Contents = Pick<Board, 'items' | 'connectors' | 'tags' | 'groups'>

/** The contents of a board with ids of their own. What refers to each other, refers to the copies. */
export function copyContents (board: Contents, nextId: (kind: IdKind) => string, stamp: Stamp): Contents {
  const ids = new Map([
    ...board.items.map(({ id }) => [id, nextId('item')] as const),
    ...board.tags.map(({ id }) => [id, nextId('tag')] as const)
  ])
  const toCopy = (id: string): string => ids.get(id) ?? id
  return {
    items: board.items.map((item) => ({
      ...item,
      ...stampNew(stamp),
      id: toCopy(item.id),
      parentId: item.parentId === null ? null : toCopy(item.parentId),
      tagIds: item.tagIds.map(toCopy)
    })),
    connectors: board.connectors.map((connector) => ({
      ...connector,
      ...stampNew(stamp),
      id: nextId('connector'),
      start: { ...connector.start, itemId: toCopy(connector.start.itemId) },
      end: { ...connector.end, itemId: toCopy(connector.end.itemId) }
    })),
    tags: board.tags.map((tag) => ({ ...tag, id: toCopy(tag.id) })),
    groups: board.groups.map(({ itemIds }) => ({ id: nextId('group'), itemIds: itemIds.map(toCopy) }))
  }
}
