import { toItem, type ApiCall } from '../api-call.js'
import type { CallOptions } from '../json-request.js'
import type { OperationId } from '../operations.js'

/** Items of one kind. Calls throw what getting a token throws, ApiError, BadResponseError and UnavailableError. */
export interface ItemKind<Item, New, Changes> {
  create: (item: New, options?: CallOptions) => Promise<Item>
  get: (itemId: string, options?: CallOptions) => Promise<Item>
  /** Changes what is given, and leaves the rest. */
  update: (itemId: string, changes: Changes, options?: CallOptions) => Promise<Item>
  delete: (itemId: string, options?: CallOptions) => Promise<void>
}

/** The operations of a kind. */
interface KindOperations {
  create: OperationId
  get: OperationId
  update: OperationId
  delete: OperationId
}

/** The nine kinds, by the name that a board client has them under. */
export const itemKinds = {
  stickyNotes: operationsOf('sticky-note'),
  texts: operationsOf('text'),
  shapes: operationsOf('shape'),
  cards: operationsOf('card'),
  appCards: operationsOf('app-card'),
  frames: operationsOf('frame'),
  embeds: operationsOf('embed'),
  images: urlOperationsOf('image'),
  documents: urlOperationsOf('document')
} satisfies Record<string, KindOperations>

type PlainKind = 'sticky-note' | 'text' | 'shape' | 'card' | 'app-card' | 'frame' | 'embed'

function operationsOf (kind: PlainKind): KindOperations {
  return {
    create: `create-${kind}-item`, get: `get-${kind}-item`, update: `update-${kind}-item`, delete: `delete-${kind}-item`
  }
}

function urlOperationsOf (kind: 'image' | 'document'): KindOperations {
  return {
    create: `create-${kind}-item-using-url`,
    get: `get-${kind}-item`,
    update: `update-${kind}-item-using-url`,
    delete: `delete-${kind}-item`
  }
}

/** Makes the calls of a kind on a board. */
export function createItemKind<Item extends { id: string }, New, Changes> (
  { send, run }: ApiCall, boardId: string, kind: keyof typeof itemKinds
): ItemKind<Item, New, Changes> {
  const operations = itemKinds[kind]
  return {
    async create (item, options) {
      return toItem<Item>(await send(operations.create, { ids: [boardId], body: item, options }))
    },
    async get (itemId, options) {
      return toItem<Item>(await send(operations.get, { ids: [boardId, itemId], options }))
    },
    async update (itemId, changes, options) {
      return toItem<Item>(await send(operations.update, { ids: [boardId, itemId], body: changes, options }))
    },
    async delete (itemId, options) {
      await run(operations.delete, { ids: [boardId, itemId], options })
    }
  }
}
