import { randomBytes } from 'node:crypto'
import type { UploadedFile } from '../wire/multipart.js'

const maxFiles = 200
const maxBytes = 64 * 1024 * 1024

/** An uploaded file, and the secret of its address, which needs no token. */
export interface StoredFile extends UploadedFile {
  key: string
}

/** The uploaded files, in memory. Beyond 200 files or 64 MiB the oldest are dropped: then a download gets 404. */
export class Uploads {
  /** By the resource's id, the oldest first. */
  readonly #files = new Map<string, StoredFile>()
  #bytes = 0

  add (resourceId: string, file: UploadedFile): void {
    this.#files.set(resourceId, { ...file, key: randomBytes(18).toString('base64url') })
    this.#bytes += file.bytes.length
    for (const [id, { bytes }] of this.#files) {
      if (this.#files.size <= maxFiles && this.#bytes <= maxBytes) return
      this.#files.delete(id)
      this.#bytes -= bytes.length
    }
  }

  find (resourceId: string): StoredFile | undefined {
    return this.#files.get(resourceId)
  }

  findByKey (key: string): StoredFile | undefined {
    return [...this.#files.values()].find((file) => file.key === key)
  }
}
