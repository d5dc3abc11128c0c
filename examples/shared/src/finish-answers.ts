import type { ServerResponse } from 'node:http'
import fp from 'fastify-plugin'

/**
 * Lets `app.close()` end within moments of the last answer. Register it first, on an app with `forceCloseConnections:
 * true`.
 *
 * By itself, closing waits for every connection: one that a browser opened ahead, or keeps alive after an answer that
 * was under way, lasts 72 seconds more. Fastify ends all connections after `preClose`, and would cut off answers: this
 * waits for them there. Requests that arrive meanwhile are answered 503.
 */
export const finishAnswers = fp(async (app) => {
  const underWay = new Set<ServerResponse>()
  let isClosing = false

  app.addHook('onRequest', async (_request, { raw }) => {
    underWay.add(raw)
    raw.once('close', () => underWay.delete(raw))
  })
  app.addHook('onSend', async (_request, reply) => {
    // A client that took the connection for alive would send its next request into the void.
    if (isClosing) reply.header('connection', 'close')
  })
  app.addHook('preClose', async () => {
    isClosing = true
    await Promise.all(Array.from(underWay, (answer) => new Promise((resolve) => { answer.once('close', resolve) })))
  })
}, { name: 'example-finish-answers' })
