import type { FastifyReply } from 'fastify'

/** An answer that is ready to be sent: nothing is left to serialize. */
export interface PlainAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  /** Empty for no body. */
  body: string
}

export const jsonType = { 'content-type': 'application/json; charset=utf-8' } as const

export const noAnswer: PlainAnswer = { status: 200, headers: {}, body: '' }

/** Sends an answer from anywhere but an `onSend` hook. */
export function sendPlain (reply: FastifyReply, { status, headers, body }: PlainAnswer): FastifyReply {
  return reply.code(status).headers(headers).serializer(toText).send(body === '' ? undefined : body)
}

/** For answers that are text already: the serializer of the API would quote them. */
export function toText (text: unknown): string {
  return String(text)
}

/** The answer that is about to leave, in an `onSend` hook. Its length is left out: that is made when it leaves. */
export function readAnswer (reply: FastifyReply, payload: unknown): PlainAnswer {
  const headers = Object.entries(reply.getHeaders()).filter(([name]) => name !== 'content-length')
  return {
    status: reply.statusCode,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    body: typeof payload === 'string' ? payload : ''
  }
}

/** Lets another answer leave in its place; returns the payload for the `onSend` hook. */
export function replaceAnswer (reply: FastifyReply, { status, headers, body }: PlainAnswer): string {
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
  reply.code(status).headers(headers)
  return body
}
