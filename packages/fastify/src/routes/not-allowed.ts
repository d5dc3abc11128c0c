import type { FastifyReply } from 'fastify'
import { isPrefetch, wantsHtml } from '../http/fetch-metadata.js'
import { linkOf, type AtRoute } from './failure-page.js'
import { headersOfPage, renderPage } from './html-page.js'
import type { RouteContext } from './route-context.js'

const headers = headersOfPage()

/**
 * Answers a method that a route does not have. A person who opens the address of a logout, from the history or by
 * Enter in the address bar, gets a page: Chromium would tell them of an empty one that it "isn't working".
 */
export function sendNotAllowed ({ settings }: RouteContext, { request, reply, route }: AtRoute): FastifyReply {
  if (request.method === 'HEAD' || isPrefetch(request) || !wantsHtml(request)) return reply.code(405).send()
  const text = { title: 'Nothing was changed', sentence: 'This address works only behind a link or button of the app.' }
  return reply
    .code(405)
    .headers(headers)
    .type('text/html; charset=utf-8')
    .send(renderPage({ ...text, code: null, link: linkOf(route, settings) }))
}
