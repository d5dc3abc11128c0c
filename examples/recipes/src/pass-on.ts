import type { FastifyInstance } from 'fastify'
import '@miro-oauth/fastify'

/** Passes Miro's answers on to the browser as they are: status, type and body. */
export function passOn (app: FastifyInstance): void {
  app.get('/v2/*', { preHandler: app.miro.requireGrant }, async (request, reply) => {
    // Resolved first: `/v2/../v1/oauth-token` comes to this route too.
    if (!new URL(request.url, 'https://localhost').pathname.startsWith('/v2/')) return reply.callNotFound()
    const { body, status, headers } = await request.miro.fetch(request.url)
    // A new Response: `fetch` has unpacked the body, which `content-encoding` and `content-length` describe no longer.
    return new Response(body, { status, headers: { 'content-type': headers.get('content-type') ?? 'application/json' } })
  })
}
