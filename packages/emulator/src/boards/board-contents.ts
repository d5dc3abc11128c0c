import type { BoardItem } from '../items/item.js'
import { move } from '../items/placement.js'
import type { Board } from './board.js'

/** Adds items behind the others: a later item has a higher id, by which a cursor finds its place. */
export function addItems (board: Board, items: readonly BoardItem[], now: number): void {
  board.items = [...board.items, ...items]
  board.modifiedAt = now
}

export function replaceItem (board: Board, item: BoardItem): void {
  board.items = board.items.map((other) => other.id === item.id ? item : other)
  board.modifiedAt = item.modifiedAt
}

/**
 * Removes items, and with them their connectors and their places in groups. What is in a removed frame stays where it
 * is on the board.
 */
export function removeItems (board: Board, ids: readonly string[], now: number): void {
  const isRemoved = (id: string | null): boolean => id !== null && ids.includes(id)
  const { items } = board
  board.items = items.filter(({ id }) => !isRemoved(id)).map((item) =>
    isRemoved(item.parentId) ? { ...item, ...move(item, { parentId: null }, items) } : item)
  board.connectors = board.connectors.filter(({ start, end }) => !isRemoved(start.itemId) && !isRemoved(end.itemId))
  board.groups = board.groups
    .map((group) => ({ ...group, itemIds: group.itemIds.filter((id) => !isRemoved(id)) }))
    .filter(({ itemIds }) => itemIds.length > 0)
  board.modifiedAt = now
}

/** Whether ids were given in this order. They are too long for numbers. */
export function isLater (id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length
}
