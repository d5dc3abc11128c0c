import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Miro } from '../miro.js'
import { type BoardCall, onBoard, type Operation, paramOf, readScope } from '../operations/operation.js'
import { placeholder } from '../uploads/placeholder.js'
import { invalidParameters, notFound } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'
import { toBytes } from '../wire/plain-answer.js'

/** The first step to a file: the address of its bytes, for callers with a token. */
export const resourceOperations: readonly Operation[] = ['images', 'documents'].map((files) => ({
  method: 'GET',
  path: `/:board_id/resources/${files}/:resource_id`,
  scope: readScope,
  level: 'level1',
  handle: onBoard(getAddress)
}))

/** With `redirect=false` the address is in the answer; otherwise the answer redirects to it. */
function getAddress (call: BoardCall): JsonObject | null {
  const { board, miro, query, reply, request } = call
  const id = paramOf(call, 'resource_id')
  const format = query.get('format') ?? 'preview'
  if (!['preview', 'original'].includes(format)) throw invalidParameters('format must be one of preview, original')
  const resource = board.items.find((item) => item.resource?.id === id)?.resource
  const key = resource?.isUploaded === true ? miro.state.uploads.find(id)?.key : resource?.id
  if (key === undefined) throw notFound('Resource not found')
  const url = `http://${toFileHost(request.host)}/files/${key}`
  if (query.get('redirect') === 'false') return { url }
  reply.code(307).header('location', url)
  return null
}

/** Miro's files are at another origin than its API. On loopback they are so here too. */
function toFileHost (host: string): string {
  return host.replace(/^localhost(?=:|$)/, '127.0.0.1')
}

/** The second step: the address itself is the permission, and a request that carries a token there is refused. */
export function registerFiles (server: FastifyInstance, miro: Miro): void {
  server.get<{ Params: { key: string } }>('/files/:key', (request, reply) => {
    if (request.headers.authorization !== undefined) throw invalidParameters('An access token must not be sent to this address')
    const { key } = request.params
    const file = miro.state.uploads.findByKey(key) ?? (/^\d+$/.test(key) ? placeholder : undefined)
    if (file === undefined) throw notFound('File not found')
    return sendFile(reply, file)
  })
}

/** A file is never shown as a page of the emulator's origin, whatever type its uploader gave it. */
function sendFile (reply: FastifyReply, { mediaType, bytes }: { mediaType: string, bytes: Uint8Array }): FastifyReply {
  return reply.headers({
    'content-type': mediaType === '' ? 'application/octet-stream' : mediaType,
    'content-disposition': 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store'
  }).serializer(toBytes).send(Buffer.from(bytes))
}
