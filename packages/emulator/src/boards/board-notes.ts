import { textOf } from '../items/item.js'
import type { Board } from './board.js'

/** What the board page shows of an item, a connector or a tag: its type, and what a person would read there. */
export interface BoardNote {
  id: string
  type: string
  content: string
}

/** Everything that is on a board, as plain text: a page escapes it, also where it is HTML at Miro. */
export function toNotes ({ items, connectors, tags }: Board): BoardNote[] {
  const nameOf = (itemId: string): string => textOf(items.find(({ id }) => id === itemId) ?? { data: {} })
  const tagsOf = (tagIds: readonly string[]): string =>
    tags.filter(({ id }) => tagIds.includes(id)).map(({ title }) => ` #${title}`).join('')
  return [
    ...items.map((item) => ({ id: item.id, type: item.type, content: textOf(item) + tagsOf(item.tagIds) })),
    ...connectors.map(({ id, start, end }) => ({
      id, type: 'connector', content: `${nameOf(start.itemId)} → ${nameOf(end.itemId)}`
    }))
  ]
}
