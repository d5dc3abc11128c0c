import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { isPrefetch } from '../http/fetch-metadata.js'
import { answerHeaders } from '../http/response-headers.js'
import type { RouteName } from '../options.js'
import { ownRoute } from '../request/route-rule.js'
import { acceptAnyBody, setContentTypeAside, type ReadBody } from './any-body.js'
import { callback } from './callback.js'
import { connect } from './connect.js'
import { connectDone } from './connect-done.js'
import { disconnect } from './disconnect.js'
import { sendFailure } from './failure-page.js'
import { install } from './install.js'
import { panelScript } from './panel-script.js'
import { leaveRestUnread, requireTrustedPage } from './post-routes.js'
import { login } from './login.js'
import { logout } from './logout.js'
import { sendNotAllowed } from './not-allowed.js'
import { requestWithoutQuery } from './request-serializer.js'
import type { RouteContext, RouteHandler } from './route-context.js'

const handlers: Record<RouteName, { method: 'GET' | 'POST', handler: RouteHandler }> = {
  login: { method: 'GET', handler: login },
  callback: { method: 'GET', handler: callback },
  logout: { method: 'POST', handler: logout },
  disconnect: { method: 'POST', handler: disconnect },
  connect: { method: 'GET', handler: connect },
  connectDone: { method: 'GET', handler: connectDone },
  // The guard of panels has found a grant, or has answered.
  connectStatus: { method: 'GET', handler: async (_context, _request, reply) => reply.code(204).send() },
  panelScript: { method: 'GET', handler: panelScript },
  install: { method: 'GET', handler: install }
}

const panelRoutes: readonly RouteName[] = ['connect', 'connectDone', 'connectStatus', 'panelScript']

/** Keeps these routes out of generated API descriptions. */
const hidden: FastifySchema & { hide: true } = { hide: true }

/** Registers the plugin's routes in its inner scope. Every other method on their paths gets 405, HEAD included. */
export function registerRoutes (scope: FastifyInstance, context: RouteContext): void {
  const { settings: { paths, panel, hasInstall, decorator }, mode } = context
  acceptAnyBody(scope)
  scope.addHook('onRequest', (_request, reply, done) => {
    reply.headers(answerHeaders)
    done()
  })

  const status = { required: true, panel: true, app: decorator } as const
  for (const name of [...mode.routes, ...panel ? panelRoutes : [], ...hasInstall ? ['install' as const] : []]) {
    const { method } = handlers[name]
    const rule = name === 'connectStatus' ? status : {}
    const shared = {
      url: paths[name].slice(scope.prefix.length),
      exposeHeadRoute: false,
      schema: hidden,
      config: { miro: { ...rule, route: name, [ownRoute]: rule } },
      // Fastify's own request line would write code and state into the log.
      logSerializers: { req: requestWithoutQuery }
    }
    const notAllowed = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      sendNotAllowed(context, { request, reply: reply.header('allow', method), route: name })
    const handler = guarded(name, context)
    const onRequest = method === 'POST' ? [setContentTypeAside, judgingOrigin(name, context)] : setContentTypeAside
    scope.route({ ...shared, method, onRequest, handler })
    scope.route({
      ...shared,
      method: scope.supportedMethods.filter((other) => other !== method),
      // Before anything is said of the body, by an error that would be the host's to show.
      onRequest: notAllowed,
      handler: notAllowed
    })
  }
}

/** Judges the origin of a POST before its body is read: a stranger's is not waited for. */
function judgingOrigin (route: RouteName, context: RouteContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    try {
      requireTrustedPage(context, request)
    } catch (error) {
      leaveRestUnread(request, reply)
      return sendFailure({ request, reply, route, thrown: error }, context)
    }
    return undefined
  }
}

/**
 * The status that declines a prefetch. It is an error, since Chromium shows a prefetched success, a 204 included, when
 * the link is clicked, and the click would then do nothing. It is no 5xx, which monitors take for a failure of the app.
 *
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose
 */
const prefetchDeclined = 412

/**
 * A route's handler, with an answer for its failures: a callback's URL, which carries a code, must not reach an error
 * page of the host.
 */
function guarded (route: RouteName, context: RouteContext) {
  const { handler } = handlers[route]
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (isPrefetch(request)) return reply.code(prefetchDeclined).send()
    if ((request.body as ReadBody | undefined)?.kind === 'too-long') leaveRestUnread(request, reply)
    try {
      return await handler(context, request, reply)
    } catch (error) {
      // The host's `handlerTimeout` may have answered: a second answer would make Fastify log the URL, code and state
      // included.
      if (reply.sent) return reply
      return sendFailure({ request, reply, route, thrown: error }, context)
    }
  }
}
