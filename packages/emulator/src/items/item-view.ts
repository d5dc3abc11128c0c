import type { Board } from '../boards/board.js'
import { type BoardViewer, toBoardUrl, toInstant } from '../boards/board-view.js'
import type { JsonObject } from '../wire/json-text.js'
import type { BoardItem } from './item.js'
import { kindOf } from './item-kinds.js'

/** The JSON of an item of one of the nine kinds, by the endpoints of its kind. */
export function toItemJson (item: BoardItem, board: Board, viewer: BoardViewer): JsonObject {
  const collection = kindOf(item.type)?.collection ?? 'items'
  const url = toBoardUrl(board, viewer)
  return {
    ...toGenericJson(item, board, viewer),
    ...(Object.keys(item.style).length > 0 && { style: item.style }),
    ...(item.parentId !== null && {
      parent: { id: item.parentId, links: { self: `${url}/frames/${item.parentId}` } }
    }),
    links: { self: `${url}/${collection}/${item.id}` }
  }
}

/** The JSON of an item of any kind, by the endpoints of `items`: it has no style. */
export function toGenericJson (item: BoardItem, board: Board, viewer: BoardViewer): JsonObject {
  const { id, type, width, height, rotation, x, y, parentId } = item
  const relativeTo = parentId === null ? 'canvas_center' : 'parent_top_left'
  return {
    id,
    type,
    data: toDataJson(item, board, viewer),
    geometry: { width, height, ...(rotation !== 0 && { rotation }) },
    position: { x, y, origin: 'center', relativeTo },
    ...(parentId !== null && { parent: { id: parentId } }),
    createdAt: toInstant(item.createdAt),
    createdBy: { id: item.createdBy, type: 'user' },
    modifiedAt: toInstant(item.modifiedAt),
    modifiedBy: { id: item.modifiedBy, type: 'user' },
    links: { self: `${toBoardUrl(board, viewer)}/items/${id}` }
  }
}

/** An item's data, with what Miro adds. The file of an image is named by a resource, not by the URL it came from. */
function toDataJson ({ type, data, resource }: BoardItem, board: Board, viewer: BoardViewer): JsonObject {
  if (type === 'app_card') return { ...data, owned: true }
  if (type === 'embed') return { ...data, ...toEmbedJson(String(data['url'])) }
  const files = kindOf(type)?.files ?? null
  if (resource === null || files === null) return data
  const { url: _url, ...rest } = data
  const address = `${viewer.apiOrigin}/v2/boards/${encodeURIComponent(board.id)}/resources/${files}/${resource.id}`
  return files === 'images'
    ? { ...rest, imageUrl: `${address}?format=preview&redirect=false` }
    : { ...rest, documentUrl: `${address}?redirect=false` }
}

/** The page is not fetched, so its host stands for what it would say of itself. */
function toEmbedJson (url: string): JsonObject {
  const { origin, hostname } = URL.canParse(url) ? new URL(url) : { origin: url, hostname: url }
  return { contentType: 'website', title: hostname, description: '', providerName: hostname, providerUrl: origin, html: '' }
}
