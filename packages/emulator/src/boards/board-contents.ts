import { type BoardItem, type Stamp, stampChange } from '../items/item.js'
import { move } from '../items/placement.js'
import type { Board } from './board.js'
import { requireRoomForItems } from './room.js'

/**
 * Adds items behind the others: a later item has a higher id, by which a cursor finds its place.
 *
 * @throws {MiroRefusal} 413: the board is full
 */
export function addItems (board: Board, items: readonly BoardItem[], stamp: Stamp): void {
  requireRoomForItems(board, items.length)
  board.items = [...board.items, ...items]
  touch(board, stamp)
}

export function replaceItem (board: Board, item: BoardItem): void {
  board.items = board.items.map((other) => other.id === item.id ? item : other)
  touch(board, { now: item.modifiedAt, userId: item.modifiedBy })
}

/**
 * Removes items, and with them their connectors and their places in groups. What is in a removed frame stays where it
 * is on the board.
 */
export function removeItems (board: Board, ids: readonly string[], stamp: Stamp): void {
  const isRemoved = (id: string | null): boolean => id !== null && ids.includes(id)
  const { items } = board
  board.items = items.filter(({ id }) => !isRemoved(id)).map((item) =>
    isRemoved(item.parentId) ? { ...item, ...move(item, { parentId: null }, items) } : item)
  board.connectors = board.connectors.filter(({ start, end }) => !isRemoved(start.itemId) && !isRemoved(end.itemId))
  board.groups = board.groups
    .map((group) => ({ ...group, itemIds: group.itemIds.filter((id) => !isRemoved(id)) }))
    .filter(({ itemIds }) => itemIds.length > 0)
  touch(board, stamp)
}

/** Records who changed the board, or what is on it. */
export function touch (board: Board, stamp: Stamp): void {
  Object.assign(board, stampChange(stamp))
}

/** Whether ids were given in this order. They are too long for numbers. */
export function isLater (id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length
}
