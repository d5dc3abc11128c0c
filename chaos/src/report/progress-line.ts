import type { Deeds } from '../fleet/process-faults.js'
import type { Book } from '../miro/book.js'
import type { Tally } from './tally.js'

/** How a storm goes, in a line. */
export function progressLine ({ book, tally, deeds, ms }: { book: Book, tally: Tally, deeds: Deeds, ms: number }): string {
  const granted = book.requests.filter(({ kind, gave }) => kind === 'refresh' && gave !== null).length
  const lost = [...tally.unavoidable.values()].reduce((sum, count) => sum + count, 0)
  return `${Math.round(ms / 1000)} s: ${granted} refreshes, ${tally.waits.length} calls, ${deeds.kills} kills, ${lost} lost unavoidably, ${tally.violations.length} violations`
}
