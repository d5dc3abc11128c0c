import type { FastifyInstance, FastifyRequest } from 'fastify'

/** More bytes than any body of these routes holds. */
const maxBodyLength = 16_384

/** The body of a request, as far as it was read. `undefined` in its place: the request has none. */
export type ReadBody =
  | { kind: 'whole', bytes: Buffer }
  /** Longer than any body of these routes. The rest is not read. */
  | { kind: 'too-long' }
  /** The connection failed in the middle of it. */
  | { kind: 'cut' }

/** Reads every body, whatever its type: {@link ReadBody} is the `request.body` of these routes. */
export function acceptAnyBody (scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request, payload, done) => {
    // One that says so itself is not waited for.
    if (Number(request.headers['content-length'] ?? 0) > maxBodyLength) return done(null, { kind: 'too-long' })
    const chunks: Buffer[] = []
    let length = 0
    const finish = (body: ReadBody): void => {
      payload.off('data', onData)
      payload.pause()
      done(null, body)
    }
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      length += chunk.length
      if (length > maxBodyLength) finish({ kind: 'too-long' })
    }
    payload.on('data', onData)
    payload.once('end', () => { if (length <= maxBodyLength) finish({ kind: 'whole', bytes: Buffer.concat(chunks) }) })
    payload.once('error', () => { if (length <= maxBodyLength) finish({ kind: 'cut' }) })
  })
}

/** The key under which a request keeps the Content-Type that {@link setContentTypeAside} took from its headers. */
const contentType = Symbol('contentType')

/** Takes the Content-Type header away: for a malformed one Fastify answers 415 before the `*` parser above is asked. */
export async function setContentTypeAside (request: FastifyRequest & {
  [contentType]?: string | undefined
}): Promise<void> {
  request[contentType] = request.raw.headers['content-type']
  delete request.raw.headers['content-type']
}

/** The Content-Type header that a request came with. */
export function contentTypeOf (request: FastifyRequest & { [contentType]?: string | undefined }): string | undefined {
  return request[contentType]
}
