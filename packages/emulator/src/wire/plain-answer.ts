import type { FastifyReply } from 'fastify'

/** An answer whose body is already text. */
export interface PlainAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  /** Empty for an answer without a body. */
  body: string
}

export const jsonType = { 'content-type': 'application/json; charset=utf-8' } as const

export const noAnswer: PlainAnswer = { status: 200, headers: {}, body: '' }

/** Sends an answer. Not for an `onSend` hook, which uses `replaceAnswer`. */
export function sendPlain (reply: FastifyReply, { status, headers, body }: PlainAnswer): FastifyReply {
  return reply.code(status).headers(headers).serializer(toText).send(body === '' ? undefined : body)
}

/** The serializer of an answer that is already text: the one of the API would turn it into a JSON string. */
export function toText (text: unknown): string {
  return String(text)
}

/** The serializer of a file. Fastify sends bytes as they are. */
export function toBytes (bytes: unknown): string {
  return bytes as string
}

/** Reads the answer in an `onSend` hook, without `content-length`, which Fastify sets when it sends the answer. */
export function readAnswer (reply: FastifyReply, payload: unknown): PlainAnswer {
  const headers = Object.entries(reply.getHeaders()).filter(([name]) => name !== 'content-length')
  return {
    status: reply.statusCode,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    body: typeof payload === 'string' ? payload : ''
  }
}

/** Replaces the answer in an `onSend` hook. Returns the payload that the hook has to pass on. */
export function replaceAnswer (reply: FastifyReply, { status, headers, body }: PlainAnswer): string {
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
  reply.code(status).headers(headers)
  return body
}
