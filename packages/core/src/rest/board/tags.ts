import { eachItem, toItem, toItems, type ApiCall } from '../api-call.js'
import type { CallOptions } from '../json-request.js'
import type { AnyItem } from './item-types.js'
import type { Fields, Open, PageQuery } from './parts.js'

export type TagColor = Open<
  | 'red' | 'light_green' | 'cyan' | 'yellow' | 'magenta' | 'green' | 'blue' | 'gray' | 'violet' | 'dark_green' | 'dark_blue'
  | 'black'
>
export interface Tag extends Fields {
  id: string
  title: string
  fillColor: TagColor
  type: string
}
/** `title`: at most 120 characters. */
export interface TagChanges { title?: string | undefined, fillColor?: TagColor | undefined }
export type NewTag = TagChanges & { title: string }

/** @see https://developers.miro.com/reference/create-tag */
export interface Tags {
  iterate: (query?: PageQuery, options?: CallOptions) => AsyncGenerator<Tag, void, undefined>
  create: (tag: NewTag, options?: CallOptions) => Promise<Tag>
  get: (tagId: string, options?: CallOptions) => Promise<Tag>
  update: (tagId: string, changes: TagChanges, options?: CallOptions) => Promise<Tag>
  delete: (tagId: string, options?: CallOptions) => Promise<void>
  /** Puts a tag on an item: a card or a sticky note. */
  attach: (tagId: string, itemId: string, options?: CallOptions) => Promise<void>
  /** Takes a tag off an item; both stay. */
  detach: (tagId: string, itemId: string, options?: CallOptions) => Promise<void>
  /** The tags of an item. */
  ofItem: (itemId: string, options?: CallOptions) => Promise<Tag[]>
  /** The items that have a tag. */
  items: (tagId: string, query?: PageQuery, options?: CallOptions) => AsyncGenerator<AnyItem, void, undefined>
}

/** Makes {@link Tags} of a board. */
export function createTags (call: ApiCall, boardId: string): Tags {
  const { send, run, iterate } = call
  return {
    ...attachments(call, boardId),
    iterate: (query = {}, options) => {
      return eachItem<Tag>(iterate('get-tags-from-board', { ids: [boardId], query: { ...query }, options }))
    },
    async create (body, options) {
      return toItem<Tag>(await send('create-tag', { ids: [boardId], body, options }))
    },
    async get (tagId, options) {
      return toItem<Tag>(await send('get-tag', { ids: [boardId, tagId], options }))
    },
    async update (tagId, body, options) {
      return toItem<Tag>(await send('update-tag', { ids: [boardId, tagId], body, options }))
    },
    async delete (tagId, options) {
      await run('delete-tag', { ids: [boardId, tagId], options })
    }
  }
}

/** What is between tags and items. */
function attachments ({ send, run, iterate }: ApiCall, boardId: string): Pick<Tags, 'attach' | 'detach' | 'ofItem' | 'items'> {
  return {
    async attach (tagId, itemId, options) {
      await run('attach-tag-to-item', { ids: [boardId, itemId], queryIds: { tag_id: tagId }, options })
    },
    async detach (tagId, itemId, options) {
      await run('remove-tag-from-item', { ids: [boardId, itemId], queryIds: { tag_id: tagId }, options })
    },
    async ofItem (itemId, options) {
      return toItems<Tag>(await send('get-tags-from-item', { ids: [boardId, itemId], options }), 'tags')
    },
    items: (tagId, query = {}, options) => {
      const request = { ids: [boardId], queryIds: { tag_id: tagId }, query: { ...query }, options }
      return eachItem<AnyItem>(iterate('get-items-by-tag', request))
    }
  }
}
