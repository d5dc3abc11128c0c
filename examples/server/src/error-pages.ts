import { MiroError, NotConnectedError, ReauthorizeError } from '@miro-oauth/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CrossSiteFormError } from './same-origin.js'

/** What every failure looks like: a page for people, JSON for programs, and no internals in either. */
export function registerErrorPages (app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => send(request, reply.code(404), { code: 'NOT_FOUND', message: 'There is no such page.' }))

  app.setErrorHandler((error, request, reply) => {
    const status = toStatus(error)
    request.log[status >= 500 ? 'error' : 'info']({ err: error })
    reply.code(status)
    // Errors of the Miro plugin know their status and headers, such as `retry-after`.
    if (error instanceof MiroError) reply.headers(error.headers ?? {})
    return send(request, reply, { ...toWords(error, status), ...wayOut(app, error) })
  })
}

interface Failure {
  code: string
  message: string
  /** Where to go on; default home. */
  loginUrl?: string
}

function send (request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply {
  if (request.headers.accept?.includes('text/html') !== true) return reply.send(failure)
  return reply.view('error', { title: titles[reply.statusCode] ?? 'That did not work', ...failure, retryAfter: reply.getHeader('retry-after') })
}

const titles: Record<number, string> = {
  401: 'Sign in with Miro first',
  403: 'Not allowed',
  404: 'Not found',
  429: 'A little too fast',
  502: 'Miro could not help',
  503: 'Miro does not answer'
}

function wayOut (app: FastifyInstance, error: unknown): Pick<Failure, 'loginUrl'> {
  const isSignedOut = error instanceof NotConnectedError || error instanceof ReauthorizeError
  return isSignedOut ? { loginUrl: app.miro.loginUrl({ returnTo: '/boards' }) } : {}
}

/** The plugin's own messages speak to developers; these two are met by people. */
const wordsForPeople: Record<string, string> = {
  MIRO_NOT_CONNECTED: 'You are signed out, so nothing was done.',
  MIRO_REAUTHORIZE: 'Miro no longer lets this app act for you. Sign in again to go on.'
}

/** The plugin's messages are fixed texts and fit to be shown; those of other errors may tell how the server is made. */
function toWords (error: unknown, status: number): Pick<Failure, 'code' | 'message'> {
  if (error instanceof MiroError) return { code: error.code, message: wordsForPeople[error.code] ?? error.message }
  if (error instanceof CrossSiteFormError) return { code: 'CROSS_SITE', message: error.message }
  return status < 500
    ? { code: 'BAD_REQUEST', message: 'The server could not make sense of this request.' }
    : { code: 'INTERNAL', message: 'Something went wrong here. It was logged.' }
}

function toStatus (error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  return status >= 400 && status <= 599 ? status : 500
}
