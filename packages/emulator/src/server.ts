import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { parseMultipart } from './wire/multipart.js'
import { notFound, toEnvelope, toRefusal } from './wire/envelope.js'
import { type JsonValue, toJsonText } from './wire/json-text.js'
import { registerFaults } from './faults/fault-hooks.js'
import type { Miro } from './miro.js'
import { registerOperations } from './operations/operation-router.js'
import { restRouter } from './routes/rest-operations.js'
import { registerAssets } from './routes/assets.js'
import { registerAuthorize } from './routes/authorize.js'
import { registerBoardData } from './routes/board-data.js'
import { registerBoardPage } from './routes/board-page.js'
import { registerFiles } from './routes/resources.js'
import { registerHome } from './routes/home.js'
import { registerInstallCompleted } from './routes/install-completed.js'
import { registerRevoke } from './routes/revoke.js'
import { registerToken } from './routes/token.js'
import { registerTokenContext } from './routes/token-context.js'

const bodyLimitBytes = 256 * 1024
/** Of a body with files, of which each may have 6 MB. */
const uploadLimitBytes = 32 * 1024 * 1024

/** Creates the HTTP server: the routes, the faults, the log, and errors in Miro's envelope. It does not listen yet. */
export function createServer (miro: Miro): FastifyInstance {
  const server = Fastify({
    bodyLimit: bodyLimitBytes,
    frameworkErrors (error, request, reply) {
      refuse(reply, error)
      // Fastify answers a malformed URL without calling the hooks that record it in the log.
      miro.log.record(request, reply.statusCode)
    }
  })

  // Bodies stay text, so that each route decides which media types it accepts and refuses the others as Miro does.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => { done(null, body) })
  const uploads = { parseAs: 'buffer', bodyLimit: uploadLimitBytes } as const
  server.addContentTypeParser('multipart/form-data', uploads, (request: FastifyRequest, body: Buffer) =>
    parseMultipart(body, request.headers['content-type'] ?? ''))
  server.setReplySerializer((payload) => toJsonText(payload as JsonValue))
  server.setErrorHandler((error, _request, reply) => refuse(reply, error))
  server.setNotFoundHandler((_request, reply) => refuse(reply, notFound('Not found')))
  registerFaults(server, miro)
  // Recorded before the answer is sent, so that a caller that has the answer finds its request in the log.
  server.addHook('onSend', async (request, reply) => { miro.log.record(request, reply.statusCode) })

  registerRoutes(server, miro)
  return server
}

function registerRoutes (server: FastifyInstance, miro: Miro): void {
  registerAuthorize(server, miro)
  registerInstallCompleted(server, miro)
  registerToken(server, miro)
  registerRevoke(server, miro)
  registerTokenContext(server, miro)
  registerOperations(server, miro, restRouter)
  registerFiles(server, miro)
  registerBoardPage(server, miro)
  registerBoardData(server, miro)
  registerHome(server, miro)
  registerAssets(server)
}

function refuse (reply: FastifyReply, error: unknown): FastifyReply {
  const envelope = toEnvelope(toRefusal(error))
  return reply.code(envelope.status).send(envelope)
}
