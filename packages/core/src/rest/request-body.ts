import { untilAborted } from '../wire/until-aborted.js'

/** A body of a `Request` whose next bytes take longer than this is a stream that is still being made. */
const idleMs = 100

/** How the body of a `Request` is read. */
interface Reading {
  maxBytes: number
  signal: AbortSignal | undefined
}

/**
 * Reads the body of a `Request` into memory, so that it is sent with its length and can be sent again. A body that is
 * longer than `maxBytes`, or still being made, is returned as a stream of the same bytes.
 *
 * @throws {TypeError} it was read already, as a Request can be sent once, or is no stream of bytes
 * @throws the signal's reason; the body is cancelled
 */
export async function readRequestBody (
  { body, bodyUsed }: Pick<Request, 'body' | 'bodyUsed'>, reading: Reading
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null> {
  if (body === null || body === undefined) return null
  reading.signal?.throwIfAborted()
  if (bodyUsed || body.locked) throw new TypeError('fetch failed: the body of this Request was read already; send a clone of it')
  // The body of a Request of node-fetch is a stream of Node's.
  const reader = ('getReader' in body ? body : ReadableStream.from(body as AsyncIterable<Uint8Array>)).getReader()
  return readAll(reader, reading).catch((error: unknown) => {
    reader.cancel(error).catch(() => {})
    throw error
  })
}

async function readAll (
  reader: ReadableStreamDefaultReader<Uint8Array>, { maxBytes, signal }: Reading
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>> {
  const chunks: Uint8Array[] = []
  for (let bytes = 0; bytes <= maxBytes;) {
    const next = reader.read()
    const read = await (signal === undefined ? orIdle(next) : untilAborted(orIdle(next), signal))
    if (read === null) return rest(reader, chunks, next)
    if (read.done) return joined(chunks, bytes)
    if (!(read.value instanceof Uint8Array)) throw new TypeError('fetch failed: the body of a Request must give bytes')
    chunks.push(read.value)
    bytes += read.value.byteLength
  }
  return rest(reader, chunks)
}

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>

async function orIdle (read: Promise<Read>): Promise<Read | null> {
  let timer: NodeJS.Timeout | undefined
  const idle = new Promise<null>((resolve) => { timer = setTimeout(resolve, idleMs, null) })
  return Promise.race([read, idle]).finally(() => clearTimeout(timer))
}

function joined (chunks: Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

/** What was read already, then what is still to come. */
function rest (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  chunks: Uint8Array[],
  pending?: Promise<Read>
): ReadableStream<Uint8Array> {
  let next = pending
  return new ReadableStream({
    async pull (controller) {
      const chunk = chunks.shift()
      if (chunk !== undefined) return controller.enqueue(chunk)
      const read = await (next ?? reader.read())
      next = undefined
      if (read.done) controller.close()
      else controller.enqueue(read.value)
    },
    cancel: (reason) => reader.cancel(reason)
  })
}

/**
 * Whether a body can be read only once, as opposed to text, bytes, forms and blobs, of whichever package: a stream of
 * the platform or of Node, an iterator, a form of the package form-data.
 */
export function isStream (body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  return Symbol.asyncIterator in body || 'getReader' in body || 'pipe' in body
}
