import { MiroError } from '@miro-oauth/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { toFailure } from './failures.js'
import { CrossSiteFormError } from './same-origin.js'

/** What every failure looks like: a page for people, JSON for programs, and no internals in either. */
export function registerErrorPages (app: FastifyInstance, { miroFailed }: { miroFailed: string }): void {
  // The plugin sends people here when connecting or removing did not work: `routes.error`.
  app.get<{ Querystring: { code?: string } }>(miroFailed, { schema: { querystring: codeQuery } }, (request, reply) => {
    return reply.view('error', toFailure(request.query.code))
  })

  app.setNotFoundHandler((request, reply) => {
    return send(request, reply.code(404), { title: 'Not found', message: 'There is no such page.', code: 'NOT_FOUND' })
  })

  app.setErrorHandler((error, request, reply) => {
    const status = toStatus(error)
    request.log[status >= 500 ? 'error' : 'info']({ err: error })
    reply.code(status)
    // Errors of the Miro plugin know their status and headers, such as `retry-after`.
    if (error instanceof MiroError) reply.headers(error.headers ?? {})
    return send(request, reply, toWords(error, status))
  })
}

const codeQuery = { type: 'object', properties: { code: { type: 'string' } } }

interface Words {
  title: string
  message: string
  code: string
}

function send (request: FastifyRequest, reply: FastifyReply, { title, message, code }: Words): FastifyReply {
  if (request.headers.accept?.includes('text/html') !== true) return reply.send({ code, message })
  return reply.view('error', { title, message, code })
}

/** Messages of other errors than these may tell how the server is made. */
function toWords (error: unknown, status: number): Words {
  if (error instanceof MiroError) return { title: 'That did not work', message: error.message, code: error.code }
  if (error instanceof CrossSiteFormError) return { title: 'Not allowed', message: error.message, code: 'CROSS_SITE' }
  return status < 500
    ? { title: 'That did not work', message: 'The server could not make sense of this request.', code: 'BAD_REQUEST' }
    : { title: 'That did not work', message: 'Something went wrong here. It was logged.', code: 'INTERNAL' }
}

function toStatus (error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  return status >= 400 && status <= 599 ? status : 500
}
