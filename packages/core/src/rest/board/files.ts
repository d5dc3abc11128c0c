import { toItem, type ApiCall } from '../api-call.js'
import type { CallOptions } from '../json-request.js'
import type { Download, Downloads } from './downloads.js'
import type { NewGeometry, NewPosition, ParentRef } from './parts.js'
import { createItemKind, type ItemKind } from './item-kinds.js'
import type { Document, DocumentChanges, Image, ImageChanges, NewDocument, NewImage } from './item-types.js'
import { toForm, type Upload } from './uploads.js'

/** What a file gets on the board, and its name. */
export interface FileFields {
  /** Miro tells the type of a file by the ending of its name. Default: the name of a `File`, else `file`. */
  filename?: string | undefined
  title?: string | undefined
  /** Of an image: what it shows, for those who do not see it. */
  altText?: string | undefined
  position?: NewPosition | undefined
  geometry?: NewGeometry | undefined
  parent?: ParentRef | undefined
}

/** The calls that images and documents have beside those of all items. */
interface FileCalls<Item> {
  /** Creates an item from a file; `create` has Miro fetch a URL. Miro takes at most 6 MB. */
  upload: (file: Upload, fields?: FileFields, options?: CallOptions) => Promise<Item>
  /** Puts another file in the place of an item's. */
  replace: (itemId: string, file: Upload, fields?: FileFields, options?: CallOptions) => Promise<Item>
}

/** Images of a board. @see https://developers.miro.com/reference/create-image-item-using-url */
export interface Images extends ItemKind<Image, NewImage, ImageChanges>, FileCalls<Image> {
  /**
   * The bytes of an image, in Miro's two steps: its resource is asked for with the token, and the address that it names
   * is fetched without, since that is not Miro's API.
   *
   * @param options.format default `preview`, which is smaller than `original`
   * @param options.maxBytes default the option `api.responseBytes`
   * @throws {BadResponseError} Miro names no https address, or the file is longer than `maxBytes`
   */
  download: (
    itemId: string, options?: CallOptions & { format?: 'original' | 'preview' | undefined, maxBytes?: number | undefined }
  ) => Promise<Download>
}

/** Documents of a board, such as PDF files. @see https://developers.miro.com/reference/create-document-item-using-url */
export interface Documents extends ItemKind<Document, NewDocument, DocumentChanges>, FileCalls<Document> {
  /** As with images; a document has one format. */
  download: (itemId: string, options?: CallOptions & { maxBytes?: number | undefined }) => Promise<Download>
}

/** Makes {@link Images} on a board. */
export function createImages (call: ApiCall, downloads: Downloads, boardId: string): Images {
  const kind = createItemKind<Image, NewImage, ImageChanges>(call, boardId, 'images')
  return {
    ...kind,
    ...createFileCalls<Image>(call, boardId, 'image'),
    async download (itemId, { format = 'preview', ...options } = {}) {
      const { data } = await kind.get(itemId, options)
      return downloads.fetchResource(data?.imageUrl, { format }, options)
    }
  }
}

/** Makes {@link Documents} on a board. */
export function createDocuments (call: ApiCall, downloads: Downloads, boardId: string): Documents {
  const kind = createItemKind<Document, NewDocument, DocumentChanges>(call, boardId, 'documents')
  return {
    ...kind,
    ...createFileCalls<Document>(call, boardId, 'document'),
    async download (itemId, options = {}) {
      const { data } = await kind.get(itemId, options)
      return downloads.fetchResource(data?.documentUrl, {}, options)
    }
  }
}

function createFileCalls<Item extends { id: string }> (
  { send, prepare }: ApiCall, boardId: string, kind: 'image' | 'document'
): FileCalls<Item> {
  const create = kind === 'image' ? 'create-image-item-using-local-file' : 'create-document-item-using-file-from-device'
  return {
    async upload (file, { filename, ...data } = {}, options) {
      const body = await prepare((signal) => toForm('resource', [{ file, filename }], { data, signal }), options)
      return toItem<Item>(await send(create, { ids: [boardId], body, options }))
    },
    async replace (itemId, file, { filename, ...data } = {}, options) {
      const body = await prepare((signal) => toForm('resource', [{ file, filename }], { data, signal }), options)
      return toItem<Item>(await send(`update-${kind}-item-using-file-from-device`, { ids: [boardId, itemId], body, options }))
    }
  }
}
