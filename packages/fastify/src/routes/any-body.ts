import type { FastifyInstance, FastifyRequest } from 'fastify'

/** More than any form of these routes holds. */
const maxFormLength = 16_384

/**
 * Reads every body as text, whatever its type. A body that is longer than any form of these routes is not kept, and its
 * `request.body` is `null`: a disconnect is then refused, since the body may have named another grant.
 */
export function acceptAnyBody (scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, done) => {
    let text: string | null = ''
    payload.setEncoding('utf8')
    payload.on('data', (chunk: string) => {
      text = text === null || text.length + chunk.length > maxFormLength ? null : text + chunk
    })
    payload.once('end', () => done(null, text))
    payload.once('error', () => done(null, null))
  })
}

/** Drops the Content-Type header: for a malformed one Fastify answers 415 before the `*` parser above is asked. */
export async function dropContentType (request: FastifyRequest): Promise<void> {
  delete request.raw.headers['content-type']
}
