import { ConfigError } from '../errors.js'

/** What answers of other classes have in common with a Response. */
interface Answer {
  status: number
  statusText?: unknown
  headers: Iterable<[string, string]>
  body?: unknown
  text?: unknown
}

/** The statuses of answers without a body, which no Response can be made with. */
const withoutBody = new Set([204, 205, 304])

/**
 * What a `fetch` answered, as a Response whose body is a stream of the platform: the body of node-fetch is one of
 * Node's, and stand-ins of tests often have their text alone. An answer that cannot be read may hold a rotated pair,
 * whose person would have to connect again.
 *
 * @throws {ConfigError} it is no Response
 */
export function toResponse (answer: unknown): Response {
  if (!isAnswer(answer)) throw new ConfigError('The option fetch, or the fetch in place of the global one, must return a Response.')
  if (isOfPlatform(answer)) return answer
  const { status, statusText = '', headers } = answer
  const body = withoutBody.has(status) ? null : streamOf(answer)
  return new Response(body, { status, statusText: String(statusText), headers: [...headers] })
}

function isAnswer (value: unknown): value is Answer {
  if (!isObject(value) || !isObject(value['headers'])) return false
  const { status, headers, body, text } = value
  const isStatus = Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599
  return isStatus && Symbol.iterator in headers && (body === null || isObject(body) || typeof text === 'function')
}

function isOfPlatform (answer: Answer): answer is Answer & Response {
  return answer.body === null || (isObject(answer.body) && 'getReader' in answer.body)
}

/** Its cancel ends a stream of Node's that was not begun to be read, which an iterator would leave open. */
function streamOf (answer: Answer): ReadableStream<Uint8Array> {
  const chunks = bytesOf(answer)
  return new ReadableStream({
    async pull (controller) {
      const { done, value } = await chunks.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    cancel () {
      const { body } = answer
      if (isObject(body) && typeof body['destroy'] === 'function') body['destroy']()
      else chunks.return().catch(() => {})
    }
  })
}

async function * bytesOf (answer: Answer): AsyncGenerator<Uint8Array, void, undefined> {
  const { body, text } = answer
  if (isIterable(body)) for await (const chunk of body) yield toBytes(chunk)
  else if (typeof text === 'function') yield toBytes(await text.call(answer))
}

function toBytes (chunk: unknown): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk))
}

function isIterable (body: unknown): body is AsyncIterable<unknown> {
  return isObject(body) && Symbol.asyncIterator in body
}

function isObject (value: unknown): value is Record<string, unknown> & object {
  return typeof value === 'object' && value !== null
}
