import type {} from '@fastify/view' // declares `reply.view`
import { MiroError } from '@miro-oauth/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

/** What a person or a program is told of a failure. */
export interface Failure {
  /** The heading of the page; JSON has none. */
  title: string
  message: string
  code: string
  /** Where to sign in again; a page without it leads home. */
  loginUrl?: string
}

/**
 * Answers failures with the template `error`, or with JSON if the request does not accept HTML.
 *
 * @param options.describe the words for an error of the Miro plugin
 */
export const errorPages = fp(async (app: FastifyInstance, { describe }: {
  describe: (error: MiroError) => Failure
}) => {
  app.setNotFoundHandler((request, reply) => {
    return sendFailure(request, reply.code(404), notFound)
  })

  app.setErrorHandler((error, request, reply) => {
    const status = toStatus(error)
    request.log[status >= 500 ? 'error' : 'info']({ err: error })
    reply.code(status)
    if (!(error instanceof MiroError)) return sendFailure(request, reply, toFailure(status))
    // Such as `retry-after`.
    reply.headers(error.headers ?? {})
    return sendFailure(request, reply, describe(error))
  })
}, { name: 'example-error-pages', decorators: { reply: ['view'] } })

const notFound: Failure = { title: 'Not found', code: 'NOT_FOUND', message: 'There is no such page.' }

function sendFailure (request: FastifyRequest, reply: FastifyReply, { title, ...failure }: Failure): FastifyReply {
  if (request.headers.accept?.toLowerCase().includes('text/html') !== true) return reply.send(failure)
  return reply.view('error', { title, ...failure, retryAfter: reply.getHeader('retry-after') })
}

/** Fixed words: the message of an error that is not the plugin's may reveal how the server works. */
function toFailure (status: number): Failure {
  const title = 'That did not work'
  if (status === 429) return { title, code: 'TOO_MANY_REQUESTS', message: 'These were very many requests. Please wait a minute.' }
  return status < 500
    ? { title, code: 'BAD_REQUEST', message: 'The server could not make sense of this request.' }
    : { title, code: 'INTERNAL', message: 'Something went wrong here. It was logged.' }
}

function toStatus (error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  return status >= 400 && status <= 599 ? status : 500
}
