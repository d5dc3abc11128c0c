import { panelText } from '../browser/panel-text.js'
import type { RouteHandler } from './route-context.js'

/** `GET /auth/miro/panel.js`: what `@miro-oauth/fastify/panel` exports, for panels without a bundler. */
export const panelScript: RouteHandler = async (_context, _request, reply) => {
  return reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=3600').send(panelText)
}
