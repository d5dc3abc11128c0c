// Not run: the compiler is the test. A server of another protocol has other types of request and reply.
import { readFileSync } from 'node:fs'
import Fastify, { type FastifyInstance, type RawServerBase } from 'fastify'
import fastifyMiroByDefault, { fastifyMiro, type FastifyMiroOptions, type RequireGrant } from '@miro-oauth/fastify'

declare const options: FastifyMiroOptions

const servers = {
  http: Fastify(),
  http2: Fastify({ http2: true }),
  https: Fastify({ https: { key: readFileSync('key.pem'), cert: readFileSync('certificate.pem') } }),
  http2Secure: Fastify({ http2: true, https: { allowHTTP1: true } })
}

servers.http2.register(fastifyMiro, options)
servers.http2.register(fastifyMiroByDefault, options)
servers.http2.register(import('@miro-oauth/fastify'), options)
servers.http2Secure.register(fastifyMiro, { ...options, appUserId: (request) => request.headers.authorization })
// @ts-expect-error: four options are required, in this form too
servers.http2.register(import('@miro-oauth/fastify'), { clientId: 'x' })

servers.http.get('/boards', { preHandler: servers.http.miro.requireGrant }, (request) => request.miro.boards.list())
servers.http2.get('/boards', { preHandler: servers.http2.miro.requireGrant }, (request) => request.miro.boards.list())
servers.https.get('/boards', { preHandler: [servers.https.miro.requireGrant] }, (request) => request.miro.boards.list())
servers.http2Secure.get<{ Params: { id: string } }>('/boards/:id', { preHandler: servers.http2Secure.miro.requireGrant }, (request) => request.params.id)
servers.http2.addHook('preHandler', servers.http2.miro.requireGrant)
servers.http2.route({ method: 'POST', url: '/boards', preHandler: servers.http2.miro.requireGrant, handler: async () => 'done' })
servers.http2.get('/schema', {
  schema: { querystring: { type: 'object' } },
  preHandler: async (request, reply) => servers.http2.miro.requireGrant(request, reply)
}, async () => 'done')

export function guard (app: FastifyInstance<RawServerBase>): RequireGrant {
  return app.miro.requireGrant
}
