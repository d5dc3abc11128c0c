import { ConfigError } from '../../errors.js'

/** A file to upload: a `Blob` or `File`, bytes, or a stream, which is read into memory. */
export type Upload = Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer> | AsyncIterable<Uint8Array>

/** A file with its name. Miro tells its type by the ending of the name. */
export interface UploadFile {
  file: Upload
  /** Default: the name of a `File`, else `file`. */
  filename?: string | undefined
}

/**
 * Miro takes at most 6 MB per file. A stream is read to its end, so that the form has a length and can be sent again
 * after a 401; one that is longer than this is refused before it fills the memory.
 *
 * @see https://developers.miro.com/reference/create-image-item-using-file-from-device
 */
const mostStreamBytes = 32 * 2 ** 20

/** A form of Miro's: the files under one name, and `data` as a JSON file. @throws {ConfigError} a stream is too long */
export async function toForm (name: 'resource' | 'resources', files: readonly UploadFile[], data: unknown): Promise<FormData> {
  const form = new FormData()
  for (const { file, filename } of files) form.append(name, await toBlob(file), filename ?? nameOf(file))
  if (data !== undefined) form.append('data', new Blob([JSON.stringify(data)], { type: 'application/json' }), 'data.json')
  return form
}

function nameOf (file: Upload): string {
  return file instanceof File && file.name !== '' ? file.name : 'file'
}

async function toBlob (file: Upload): Promise<Blob> {
  if (file instanceof Blob) return file
  if (file instanceof ArrayBuffer) return new Blob([file])
  if (ArrayBuffer.isView(file)) return new Blob([new Uint8Array(file.buffer, file.byteOffset, file.byteLength)])
  if (typeof file !== 'object' || file === null || !(Symbol.asyncIterator in file)) {
    throw new ConfigError('A file to upload must be a Blob, bytes or a stream.')
  }
  const chunks: Array<Uint8Array<ArrayBuffer>> = []
  let bytes = 0
  for await (const chunk of file) {
    bytes += chunk.byteLength
    if (bytes > mostStreamBytes) throw new ConfigError(`A stream to upload must have at most ${mostStreamBytes} bytes.`)
    chunks.push(new Uint8Array(chunk))
  }
  return new Blob(chunks)
}
