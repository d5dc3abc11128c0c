import { ConfigError } from '../../errors.js'
import { eachItem, toItem, toItems, type ApiCall } from '../api-call.js'
import type { CallOptions } from '../json-request.js'
import type { AnyItem, ItemType, NewItem } from './item-types.js'
import type { NewPosition, Open, ParentRef } from './parts.js'
import { toForm, type UploadFile } from './uploads.js'

/** Which items, and how many on a page. */
export interface ItemQuery {
  type?: Open<ItemType> | undefined
  /** The id of a frame: only the items in it. */
  parent?: string | undefined
  /** How many items a page has: 10 to 50, Miro's default 10. */
  limit?: number | undefined
}

/** A new item with its file. */
export interface NewFileItem extends UploadFile {
  item: Record<string, unknown> & { type: Open<'image' | 'document'> }
}

/**
 * Items of every kind. Every call throws what getting a token throws, ApiError, BadResponseError and UnavailableError.
 *
 * @see https://developers.miro.com/reference/get-items
 */
export interface Items {
  iterate: (query?: ItemQuery, options?: CallOptions) => AsyncGenerator<AnyItem, void, undefined>
  get: (itemId: string, options?: CallOptions) => Promise<AnyItem>
  /** Moves an item, or puts it into a frame. */
  update: (
    itemId: string,
    changes: { position?: NewPosition | undefined, parent?: ParentRef | undefined },
    options?: CallOptions
  ) => Promise<AnyItem>
  delete: (itemId: string, options?: CallOptions) => Promise<void>
  /**
   * Creates 1 to 20 items, all or none.
   *
   * @throws {ConfigError} fewer or more; nothing was sent
   */
  createBulk: (items: readonly NewItem[], options?: CallOptions) => Promise<AnyItem[]>
  /** The same of images and documents from files: `{ item: { type: 'image', data: { title } }, file }`. */
  createBulkFromFiles: (files: readonly NewFileItem[], options?: CallOptions) => Promise<AnyItem[]>
}

/** Makes {@link Items} of a board. */
export function createItems ({ send, run, iterate, prepare }: ApiCall, boardId: string): Items {
  return {
    iterate ({ type, parent, limit } = {}, options) {
      const request = { ids: [boardId], query: { type, limit }, options }
      if (parent === undefined) return eachItem<AnyItem>(iterate('get-items', request))
      return eachItem<AnyItem>(iterate('get-items-within-frame', { ...request, queryIds: { parent_item_id: parent } }))
    },
    async get (itemId, options) {
      return toItem<AnyItem>(await send('get-specific-item', { ids: [boardId, itemId], options }))
    },
    async update (itemId, body, options) {
      return toItem<AnyItem>(await send('update-item-position-or-parent', { ids: [boardId, itemId], body, options }))
    },
    async delete (itemId, options) {
      await run('delete-item', { ids: [boardId, itemId], options })
    },
    async createBulk (items, options) {
      requireBulk(items)
      return toItems<AnyItem>(await send('create-items', { ids: [boardId], body: items, options }))
    },
    async createBulkFromFiles (files, options) {
      requireBulk(files)
      const data = files.map(({ item }) => item)
      const body = await prepare((signal) => toForm('resources', files, { data, signal }), options)
      return toItems<AnyItem>(await send('create-items-in-bulk-using-file-from-device', { ids: [boardId], body, options }))
    }
  }
}

/** @see https://developers.miro.com/reference/create-items */
function requireBulk (items: readonly unknown[]): void {
  if (items.length < 1 || items.length > 20) throw new ConfigError('A bulk has 1 to 20 items.')
}
