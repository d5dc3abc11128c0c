import { UnavailableError, MiroError } from '@miro-oauth/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AccessDeniedError, CrossSiteError, NoAppUserError, UserMismatchError } from '../errors.js'
import type { FlowEnd } from '../flow/flow.js'
import type { ToldFailure } from '../flow/result-cookie.js'
import { wantsHtml } from '../http/fetch-metadata.js'
import { queryOf, teamIdOf } from '../http/query.js'
import { keepOpener } from '../http/response-headers.js'
import type { RouteName } from '../options.js'
import type { Settings } from '../settings.js'
import { sendConnectPage } from './connect-page.js'
import { sentenceOf, titleOf } from './failure-words.js'
import { headersOfPage, renderPage, tryAgain, type PageLink } from './html-page.js'
import type { RouteContext } from './route-context.js'
import { urlOfEnd } from './url-of-end.js'

const headers = headersOfPage()

/** A request to one of our routes. */
export interface AtRoute {
  request: FastifyRequest
  reply: FastifyReply
  route: RouteName
}

/**
 * Answers a request to one of our routes that failed: a fixed page with the error's code and a way to start again, the
 * app's own page, or JSON for clients that do not ask for a page. It shows nothing of the request, and the page of a
 * callback has an address without code and state.
 */
export async function sendFailure (
  { request, reply, route, thrown }: AtRoute & { thrown: unknown }, context: RouteContext
): Promise<FastifyReply> {
  const error = toMiroError(thrown)
  emitRefusal(context, { request, route, error })
  await context.hooks.run('onRefused', { request, route, code: error.code })
  const level = error.statusCode >= 500 ? 'error' : 'info'
  request.log[level]({ err: thrown instanceof Error ? thrown : error, code: error.code }, `miro ${route} failed`)
  if (wantsHtml(request)) return showFailure(context, { request, reply, route }, error)
  const { code, message, statusCode } = error
  return reply.code(statusCode).headers(error.headers ?? {}).type('application/json; charset=utf-8')
    .send({ code, message, loginUrl: context.settings.paths.login })
}

async function showFailure (
  context: RouteContext, { request, reply, route }: AtRoute, failure: MiroError
): Promise<FastifyReply> {
  const { settings, resultCookie } = context
  const { paths, errorPage, appLogin } = settings
  if (failure instanceof NoAppUserError && appLogin !== undefined && (route === 'login' || route === 'connect')) {
    if (route === 'connect') reply.headers(keepOpener)
    return reply.redirect(withReturnTo(appLogin, `${paths[route]}?${queryOf(request).toString()}`), 303)
  }
  // The window of a panel stays with our own page, which tells the panel.
  if (route === 'connect') {
    const teamId = teamIdOf(queryOf(request)) ?? undefined
    return sendConnectPage(reply, { kind: 'failed', failure }, context.connectUrl({ teamId }))
  }
  const end = route === 'callback' ? await endOf(context, request) : null
  const doneUrl = end?.kind === 'window' && settings.panel ? urlOfEnd(settings, end) : null
  if (doneUrl === null && errorPage !== null) return reply.redirect(`${errorPage}?code=${failure.code}`, 303)
  if (!hasResult(route) || queryOf(request).size === 0) {
    return sendFailurePage(reply, { route, failure, returnTo: null }, context)
  }
  await resultCookie.keep(request, reply, { kind: 'failed', failure, returnTo: returnToOf(end, failure, settings) })
  if (doneUrl !== null) reply.headers(keepOpener)
  return reply.redirect(doneUrl ?? paths[route], 303)
}

/** The app's own login, which comes back to where the person was going. */
function withReturnTo (appLogin: string, returnTo: string): string {
  return `${appLogin}${appLogin.includes('?') ? '&' : '?'}${new URLSearchParams({ returnTo }).toString()}`
}

/** Where the flow of a callback would have ended. `null`: this browser has no such flow. */
async function endOf ({ flowCookies }: RouteContext, request: FastifyRequest): Promise<FlowEnd | null> {
  const [state, ...others] = queryOf(request).getAll('state')
  if (state === undefined || others.length > 0) return null
  const flow = await flowCookies.find(request, state).catch(() => null)
  return flow?.end ?? null
}

/** Where another try leads. `null`: to the default page, as for the next person at a browser that another one left. */
function returnToOf (
  end: FlowEnd | null, failure: MiroError, { origin, defaultReturnTo }: Settings
): string | null {
  if (end?.kind !== 'page' || failure instanceof UserMismatchError) return null
  return end.url === new URL(defaultReturnTo, origin).href ? null : end.url
}

/** Whether a route's path without a query shows how the last request to it failed. */
function hasResult (route: RouteName): route is 'callback' | 'install' {
  return route === 'callback' || route === 'install'
}

/** Shows the failure that brought the browser to a route's path without a query. `null`: it came otherwise. */
export async function tellAgain (
  context: RouteContext, { request, reply, route }: AtRoute
): Promise<FastifyReply | null> {
  if (queryOf(request).size > 0 || !wantsHtml(request)) return null
  const result = await context.resultCookie.read(request)
  return result?.kind === 'failed' ? sendFailurePage(reply, { route, ...result }, context) : null
}

function sendFailurePage (reply: FastifyReply, { route, failure, returnTo }: {
  route: RouteName
  failure: ToldFailure
  returnTo: string | null
}, { settings, mode }: RouteContext): FastifyReply {
  const { code, statusCode } = failure
  return reply
    .code(statusCode)
    .headers({ ...failure.headers, ...headers })
    .type('text/html; charset=utf-8')
    .send(renderPage({
      title: titleOf(route, code, mode.loginFailureTitle),
      sentence: sentenceOf(failure, mode.action),
      code,
      link: linkOf(route, settings, returnTo)
    }))
}

/** Login is no second try of a logout, a disconnect or an install. After an install its person is at Miro, not here. */
export function linkOf (
  route: RouteName, { paths, afterLogout }: Settings, returnTo: string | null = null
): PageLink | null {
  if (route === 'login' || route === 'callback') return tryAgain(paths.login + (returnTo === null ? '' : '?again=1'))
  return route === 'logout' || route === 'disconnect' ? { path: afterLogout, words: 'Back to the app' } : null
}

function emitRefusal ({ events }: RouteContext, { request, route, error }: {
  request: FastifyRequest
  route: RouteName
  error: MiroError
}): void {
  if (hasResult(route) && !(error instanceof AccessDeniedError)) {
    events.emit(request, { type: 'callback_refused', code: error.code, route })
  }
  if (error instanceof CrossSiteError && (route === 'logout' || route === 'disconnect')) {
    events.emit(request, { type: 'cross_site_refused', route })
  }
}

/** What is none of ours is a bug: it is logged as it is, and told as unavailable. */
function toMiroError (thrown: unknown): MiroError {
  return thrown instanceof MiroError ? thrown : new UnavailableError()
}
