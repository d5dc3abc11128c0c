import type { MiroClient } from '@miro-oauth/fastify'

/** An item of a board as the panel lists it. */
export interface ItemRow {
  id: string
  /** Miro's name for the kind, such as `sticky_note`. */
  type: string
  /** HTML, as Miro sends it. Empty for what has no text, such as an image. */
  content: string
}

/** The most that the panel lists, and the most that Miro sends at once. */
const mostItems = 50

/** The first items of a board. `hasMore`: the board has others. */
export async function readItems (miro: MiroClient, boardId: string): Promise<{ items: ItemRow[], hasMore: boolean }> {
  const items: ItemRow[] = []
  const path = `/v2/boards/${encodeURIComponent(boardId)}/items`
  for await (const item of miro.paginate(path, { query: { limit: mostItems } })) {
    if (items.length === mostItems) return { items, hasMore: true }
    items.push(toItemRow(item))
  }
  return { items, hasMore: false }
}

function toItemRow ({ id, type, data }: Record<string, unknown>): ItemRow {
  const { content, title } = (data ?? {}) as { content?: unknown, title?: unknown }
  return { id: String(id), type: String(type), content: [content, title].find((text) => typeof text === 'string') ?? '' }
}
