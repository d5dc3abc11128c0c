import type { Members } from '../fields/rule.js'
import type { Miro } from '../miro.js'
import type { UploadedFile } from '../wire/multipart.js'
import { type BoardItem, type Stamp, stampNew } from './item.js'
import { toNewItem } from './item-body.js'
import type { ItemKind } from './item-kinds.js'

/** A body of an item that was checked, and its file where it is uploaded. */
export interface ItemBody {
  body: Members
  file: UploadedFile | null
}

/** A new item with its id, which is not on the board yet. Its file is stored. */
export function storeItem (
  { miro: { state }, stamp }: { miro: Pick<Miro, 'state'>, stamp: Stamp }, kind: ItemKind, { body, file }: ItemBody
): BoardItem {
  const resource = kind.files === null ? null : storeFile(state, file)
  return { ...toNewItem(kind, body), ...stampNew(stamp), id: state.boards.nextId('item'), resource, tagIds: [] }
}

/** Gives a file an id. Null is the file of an item that is named by its URL. */
export function storeFile ({ boards, uploads }: Miro['state'], file: UploadedFile | null): NonNullable<BoardItem['resource']> {
  const id = boards.nextId('resource')
  if (file !== null) uploads.add(id, file)
  return { id, isUploaded: file !== null }
}
