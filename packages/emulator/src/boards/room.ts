import { tooLarge } from '../wire/envelope.js'
import type { Board } from './board.js'

/** Everything stays in memory: a test that loops must end with an answer, and not with the process. */
const mostBoards = 1000
const mostItemsOfBoard = 10_000
const mostItemsToCopyInto = 100_000

/** @throws {MiroRefusal} 413: the board cannot hold so many more items */
export function requireRoomForItems ({ items }: Pick<Board, 'items'>, count: number): void {
  if (items.length + count > mostItemsOfBoard) throw tooLarge(`The emulator keeps at most ${mostItemsOfBoard} items on a board`)
}

/** @throws {MiroRefusal} 413: there are too many boards, or too many items on all of them for a copy of so many more */
export function requireRoomForBoard (boards: ReadonlyArray<Pick<Board, 'items'>>, itemsToCopy = 0): void {
  if (boards.length >= mostBoards) throw tooLarge(`The emulator keeps at most ${mostBoards} boards`)
  if (itemsToCopy === 0) return
  const count = boards.reduce((sum, { items }) => sum + items.length, itemsToCopy)
  if (count > mostItemsToCopyInto) throw tooLarge(`The emulator copies no board beyond ${mostItemsToCopyInto} items in all`)
}
