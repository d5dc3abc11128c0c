import { untilAborted } from './until-aborted.js'

/** A body is longer than its reader accepts. */
export class BodyTooLongError extends Error {
  constructor () {
    super('The body is too long.')
  }
}

/**
 * Reads a body as text, counting its bytes after they were unpacked: a small body of gzip may unpack to a huge one.
 *
 * @throws {BodyTooLongError} it has more than `maxBytes` bytes
 */
export async function readText (response: Response, { signal, maxBytes }: {
  signal: AbortSignal
  maxBytes: number
}): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await untilAborted(reader.read(), signal)
      if (done) return text + decoder.decode()
      bytes += value.byteLength
      if (bytes > maxBytes) throw new BodyTooLongError()
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    reader.cancel().catch(() => {})
    throw error
  }
}
