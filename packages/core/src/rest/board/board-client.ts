import type { ApiCall } from '../api-call.js'
import { toBoard, type Board, type NewBoard } from '../boards.js'
import type { CallOptions } from '../json-request.js'
import { createConnectors, type Connectors } from './connectors.js'
import type { Downloads } from './downloads.js'
import { createDocuments, createImages, type Documents, type Images } from './files.js'
import { createGroups, type Groups } from './groups.js'
import { createItemKind, type ItemKind, type itemKinds } from './item-kinds.js'
import type * as types from './item-types.js'
import { createItems, type Items } from './items.js'
import { createMembers, type Members } from './members.js'
import { createTags, type Tags } from './tags.js'

/**
 * One board. Every member is bound, and nothing is sent until one is called. Every call throws what getting a token
 * throws, ApiError, BadResponseError and UnavailableError. Reading needs the scope `boards:read`, writing
 * `boards:write`.
 *
 * @see https://developers.miro.com/reference/api-reference
 */
export interface BoardClient {
  get: (options?: CallOptions) => Promise<Board>
  /** Changes what is given, and leaves the rest. */
  update: (changes: NewBoard, options?: CallOptions) => Promise<Board>
  delete: (options?: CallOptions) => Promise<void>
  /** Makes a copy, with these changes. */
  copy: (changes?: Omit<NewBoard, 'projectId'>, options?: CallOptions) => Promise<Board>
  /** Items of every kind. */
  items: Items
  stickyNotes: ItemKind<types.StickyNote, types.StickyNoteChanges, types.StickyNoteChanges>
  texts: ItemKind<types.TextItem, types.NewText, types.TextChanges>
  shapes: ItemKind<types.Shape, types.ShapeChanges, types.ShapeChanges>
  cards: ItemKind<types.Card, types.CardChanges, types.CardChanges>
  appCards: ItemKind<types.AppCard, types.AppCardChanges, types.AppCardChanges>
  frames: ItemKind<types.Frame, types.NewFrame, types.FrameChanges>
  embeds: ItemKind<types.Embed, types.NewEmbed, types.EmbedChanges>
  images: Images
  documents: Documents
  connectors: Connectors
  tags: Tags
  groups: Groups
  members: Members
}

/** Makes a {@link BoardClient} over typed calls. */
export function createBoardClient (call: ApiCall, downloads: () => Downloads, boardId: string): BoardClient {
  return new LazyBoard(call, downloads, boardId)
}

/** Makes each member when it is asked for: most requests need one of them. */
class LazyBoard implements BoardClient {
  readonly #call: ApiCall
  readonly #downloads: () => Downloads
  readonly #id: string

  constructor (call: ApiCall, downloads: () => Downloads, id: string) {
    this.#call = call
    this.#downloads = downloads
    this.#id = id
  }

  get get (): BoardClient['get'] {
    const { send, ids } = this.#own
    return async (options) => toBoard(await send('get-specific-board', { ids, options }))
  }

  get update (): BoardClient['update'] {
    const { send, ids } = this.#own
    return async (body, options) => toBoard(await send('update-board', { ids, body, options }))
  }

  get delete (): BoardClient['delete'] {
    const { run, ids } = this.#own
    return async (options) => run('delete-board', { ids, options })
  }

  get copy (): BoardClient['copy'] {
    const { send, ids: [id] } = this.#own
    // A PUT by name, and yet each one makes a board.
    const request = { queryIds: { copy_from: id }, idempotent: false }
    return async (body = {}, options) => toBoard(await send('copy-board', { ...request, body, options }))
  }

  get items (): Items { return createItems(this.#call, this.#id) }
  get stickyNotes (): BoardClient['stickyNotes'] { return this.#kind('stickyNotes') }
  get texts (): BoardClient['texts'] { return this.#kind('texts') }
  get shapes (): BoardClient['shapes'] { return this.#kind('shapes') }
  get cards (): BoardClient['cards'] { return this.#kind('cards') }
  get appCards (): BoardClient['appCards'] { return this.#kind('appCards') }
  get frames (): BoardClient['frames'] { return this.#kind('frames') }
  get embeds (): BoardClient['embeds'] { return this.#kind('embeds') }
  get images (): Images { return createImages(this.#call, this.#downloads(), this.#id) }
  get documents (): Documents { return createDocuments(this.#call, this.#downloads(), this.#id) }
  get connectors (): Connectors { return createConnectors(this.#call, this.#id) }
  get tags (): Tags { return createTags(this.#call, this.#id) }
  get groups (): Groups { return createGroups(this.#call, this.#id) }
  get members (): Members { return createMembers(this.#call, this.#id) }

  get #own (): ApiCall & { ids: [string] } {
    return { ...this.#call, ids: [this.#id] }
  }

  #kind<Item extends { id: string }, New, Changes> (kind: keyof typeof itemKinds): ItemKind<Item, New, Changes> {
    return createItemKind<Item, New, Changes>(this.#call, this.#id, kind)
  }
}
