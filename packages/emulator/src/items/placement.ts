import type { BoardItem } from './item.js'

export interface Point {
  x: number
  y: number
}

export type Placed = Pick<BoardItem, 'x' | 'y' | 'parentId'>

/** A move: the coordinates are those of the frame that the item is in afterwards. What is left out stays as it is. */
export interface Move {
  x?: number | undefined
  y?: number | undefined
  parentId?: string | null | undefined
}

/** The item's place after a move. One that changes its frame and is given no place stays where it is on the board. */
export function move (item: Placed, { x, y, parentId = item.parentId }: Move, items: readonly BoardItem[]): Placed {
  const from = cornerOf(item.parentId, items)
  const to = cornerOf(parentId, items)
  return { x: x ?? item.x + from.x - to.x, y: y ?? item.y + from.y - to.y, parentId }
}

/** The top left corner of a frame; of no frame, the centre of the board. */
function cornerOf (frameId: string | null, items: readonly BoardItem[]): Point {
  const frame = items.find(({ id }) => id === frameId)
  return frame === undefined ? { x: 0, y: 0 } : { x: frame.x - frame.width / 2, y: frame.y - frame.height / 2 }
}
