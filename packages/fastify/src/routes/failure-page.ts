import { hash } from 'node:crypto'
import { UnavailableError, MiroError } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AccessDeniedError, CrossSiteError } from '../errors.js'
import type { ToldFailure } from '../flow/failure-cookie.js'
import { wantsHtml } from '../http/fetch-metadata.js'
import { queryOf } from '../http/query.js'
import { pageHeaders } from '../http/response-headers.js'
import type { RouteName } from '../options.js'
import { sentenceOf, titleOf } from './failure-words.js'
import type { RouteContext } from './route-context.js'

const style = 'body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;' +
  'color:#1c1c1e;background:#fff}h1{font-size:1.5rem}code{color:#5b5b66}a{color:#1d4ed8}'
const headers = pageHeaders(hash('sha256', style, 'base64'))

/** A request to one of our routes that failed. */
interface Failure {
  request: FastifyRequest
  reply: FastifyReply
  route: RouteName
  thrown: unknown
}

/**
 * Answers a failed login, callback, logout or disconnect: a fixed page with the error's code and a way to start again,
 * the app's own page, or JSON for clients that do not ask for a page. It shows nothing of the request, and the page of
 * a callback has an address without code and state.
 */
export async function sendFailure (
  { request, reply, route, thrown }: Failure, context: RouteContext
): Promise<FastifyReply> {
  const { settings: { paths, errorPage }, failureCookie } = context
  const error = toMiroError(thrown)
  emitRefusal(context, { request, route, error })
  await context.hooks.run('onRefused', { request, route, code: error.code })
  const level = error.statusCode >= 500 ? 'error' : 'info'
  request.log[level]({ err: thrown instanceof Error ? thrown : error, code: error.code }, `miro ${route} failed`)
  const { code, message, statusCode } = error
  if (!wantsHtml(request)) {
    return reply.code(statusCode).headers(error.headers ?? {}).type('application/json; charset=utf-8').send({ code, message, loginUrl: paths.login })
  }
  if (errorPage !== null) return reply.redirect(`${errorPage}?code=${code}`, 303)
  if (route === 'callback' && queryOf(request).size > 0) {
    await failureCookie.keep(reply, error)
    return reply.redirect(paths.callback, 303)
  }
  return sendFailurePage(reply, { route, failure: error }, context)
}

/** Sends the page of a failure. */
export function sendFailurePage (reply: FastifyReply, { route, failure }: {
  route: RouteName
  failure: ToldFailure
}, { settings: { paths }, mode }: RouteContext): FastifyReply {
  const { code, statusCode } = failure
  return reply
    .code(statusCode)
    .headers({ ...failure.headers, ...headers })
    .type('text/html; charset=utf-8')
    .send(page({
      title: titleOf(route, code, mode.loginFailureTitle),
      sentence: sentenceOf(failure, mode.action),
      code,
      // Login is no second try of a logout or disconnect.
      againUrl: route === 'login' || route === 'callback' ? paths.login : null
    }))
}

function emitRefusal ({ events }: RouteContext, { request, route, error }: {
  request: FastifyRequest
  route: RouteName
  error: MiroError
}): void {
  if (route === 'callback' && !(error instanceof AccessDeniedError)) events.emit(request, { type: 'callback_refused', code: error.code })
  if (error instanceof CrossSiteError && (route === 'logout' || route === 'disconnect')) {
    events.emit(request, { type: 'cross_site_refused', route })
  }
}

/** What is none of ours is a bug: it is logged as it is, and told as unavailable. */
function toMiroError (thrown: unknown): MiroError {
  return thrown instanceof MiroError ? thrown : new UnavailableError()
}

/** Only fixed texts and the checked path of our own login route come in here, so nothing needs escaping. */
function page ({ title, sentence, code, againUrl }: {
  title: string
  sentence: string
  code: string
  againUrl: string | null
}): string {
  const again = againUrl === null ? '' : `<p><a href="${againUrl}">Try again</a></p>\n`
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${style}</style></head>
<body><main>
<h1>${title}</h1>
<p>${sentence}</p>
${again}<p><code>${code}</code></p>
</main></body>
</html>
`
}
