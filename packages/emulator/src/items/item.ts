import type { JsonObject } from '../wire/json-text.js'

/** An item of a board. Lengths are in units of the board, instants in epoch milliseconds. */
export interface BoardItem {
  id: string
  type: string
  data: JsonObject
  style: JsonObject
  width: number
  height: number
  /** In degrees. */
  rotation: number
  /** Its centre, from the centre of the board, or from the top left corner of its frame. */
  x: number
  y: number
  /** The id of the frame that it is in, or null. */
  parentId: string | null
  /** The file of an image or a document. One that is named by its URL is not fetched, so it has no bytes here. */
  resource: { id: string, isUploaded: boolean } | null
  tagIds: readonly string[]
  createdAt: number
  createdBy: string
  modifiedAt: number
  modifiedBy: string
}

export type NewItem = Omit<BoardItem, 'id' | 'tagIds' | keyof Stamped>

type Stamped = Pick<BoardItem, 'createdAt' | 'createdBy' | 'modifiedAt' | 'modifiedBy'>

/** Who changes something, and when. */
export interface Stamp {
  now: number
  userId: string
}

export function stampNew ({ now, userId }: Stamp): Stamped {
  return { createdAt: now, createdBy: userId, modifiedAt: now, modifiedBy: userId }
}

export function stampChange ({ now, userId }: Stamp): Pick<Stamped, 'modifiedAt' | 'modifiedBy'> {
  return { modifiedAt: now, modifiedBy: userId }
}

/** What a person reads on an item, as its author wrote it. At Miro it may be HTML; no page here renders it as such. */
export function textOf ({ data }: Pick<BoardItem, 'data'>): string {
  const texts = [data['content'], data['title'], data['url']]
  return texts.find((text) => typeof text === 'string' && text !== '')?.toString() ?? ''
}
