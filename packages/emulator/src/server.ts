import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { notFound, toEnvelope, toRefusal } from './wire/envelope.js'
import { type JsonValue, toJsonText } from './wire/json-text.js'
import { registerFaults } from './faults/fault-hooks.js'
import type { Miro } from './miro.js'
import { registerAssets } from './routes/assets.js'
import { registerAuthorize } from './routes/authorize.js'
import { registerBoardData } from './routes/board-data.js'
import { registerBoardPage } from './routes/board-page.js'
import { registerBoards } from './routes/boards.js'
import { registerHome } from './routes/home.js'
import { registerInstallCompleted } from './routes/install-completed.js'
import { registerRevoke } from './routes/revoke.js'
import { registerToken } from './routes/token.js'
import { registerTokenContext } from './routes/token-context.js'

const bodyLimitBytes = 256 * 1024

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
  registerBoards(server, miro)
  registerBoardPage(server, miro)
  registerBoardData(server, miro)
  registerHome(server, miro)
  registerAssets(server)
}

function refuse (reply: FastifyReply, error: unknown): FastifyReply {
  const envelope = toEnvelope(toRefusal(error))
  return reply.code(envelope.status).send(envelope)
}
