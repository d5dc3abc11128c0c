import { untilAborted } from './until-aborted.js'

/** A body is longer than its reader accepts. */
export class BodyTooLongError extends Error {
  constructor () {
    super('The body is too long.')
  }
}

interface Bounds {
  signal: AbortSignal
  maxBytes: number
}

/**
 * Reads a body as text, counting its bytes after they were unpacked: a small body of gzip may unpack to a huge one.
 *
 * @throws {BodyTooLongError} it has more than `maxBytes` bytes
 */
export async function readText (response: Response, bounds: Bounds): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  await readChunks(response, bounds, (chunk) => { text += decoder.decode(chunk, { stream: true }) })
  return text + decoder.decode()
}

/** Reads a body as bytes. @throws {BodyTooLongError} */
export async function readBytes (response: Response, bounds: Bounds): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  await readChunks(response, bounds, (chunk) => { chunks.push(chunk) })
  return new Uint8Array(Buffer.concat(chunks))
}

async function readChunks (
  { body }: Response, { signal, maxBytes }: Bounds, take: (chunk: Uint8Array) => void
): Promise<void> {
  if (body === null) return
  const reader = body.getReader()
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await untilAborted(reader.read(), signal)
      if (done) return
      bytes += value.byteLength
      if (bytes > maxBytes) throw new BodyTooLongError()
      take(value)
    }
  } catch (error) {
    reader.cancel().catch(() => {})
    throw error
  }
}
