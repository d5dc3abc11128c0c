import { ConfigError } from '../../errors.js'
import { untilAborted } from '../../wire/until-aborted.js'

/** A file to upload: a `Blob` or `File`, bytes, or a stream, which is read into memory. */
export type Upload = Blob | ArrayBuffer | ArrayBufferView | AsyncIterable<Uint8Array>

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

/**
 * A form of Miro's: the files under one name, and `data` as a JSON file.
 *
 * @throws {ConfigError} a file is none, or a stream is too long or not one of bytes
 * @throws the signal's reason; streams are ended
 */
export async function toForm (
  name: 'resource' | 'resources', files: readonly UploadFile[], { data, signal }: { data: unknown, signal: AbortSignal }
): Promise<FormData> {
  const form = new FormData()
  for (const { file, filename } of files) form.append(name, await toBlob(file, signal), filename ?? nameOf(file))
  if (data !== undefined) form.append('data', new Blob([JSON.stringify(data)], { type: 'application/json' }), 'data.json')
  return form
}

function nameOf (file: Upload): string {
  return file instanceof File && file.name !== '' ? file.name : 'file'
}

async function toBlob (file: Upload, signal: AbortSignal): Promise<Blob> {
  if (file instanceof Blob) return file
  if (file instanceof ArrayBuffer) return new Blob([file])
  if (ArrayBuffer.isView(file)) return new Blob([copyOf(file)])
  if (typeof file !== 'object' || file === null || !(Symbol.asyncIterator in file)) {
    throw new ConfigError('A file to upload must be a Blob, bytes or a stream.')
  }
  const stream = file[Symbol.asyncIterator]()
  try {
    return new Blob(await readChunks(stream, signal))
  } catch (error) {
    // Not awaited: a generator that hangs ends no sooner.
    Promise.resolve().then(async () => stream.return?.()).catch(() => {})
    throw error
  }
}

type Bytes = Uint8Array<ArrayBuffer>

async function readChunks (stream: AsyncIterator<unknown>, signal: AbortSignal): Promise<Bytes[]> {
  const chunks: Bytes[] = []
  for (let bytes = 0; ;) {
    const { done, value } = await untilAborted(Promise.resolve(stream.next()), signal)
    if (done === true) return chunks
    // A stream with an encoding, as setEncoding() makes it, gives texts.
    if (!(value instanceof Uint8Array)) throw new ConfigError('A stream to upload must give bytes: Uint8Arrays or Buffers.')
    bytes += value.byteLength
    if (bytes > mostStreamBytes) throw new ConfigError(`A stream to upload must have at most ${mostStreamBytes} bytes.`)
    chunks.push(copyOf(value))
  }
}

function copyOf ({ buffer, byteOffset, byteLength }: ArrayBufferView): Bytes {
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength))
}
