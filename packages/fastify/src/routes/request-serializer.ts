import type { FastifyRequest } from 'fastify'

/**
 * A request as our routes log it: what Fastify logs, less the query, which holds codes and states. The router ends a
 * path at `#` too, and with `useSemicolonDelimiter` at `;`.
 */
export function requestWithoutQuery (request: FastifyRequest): Record<string, unknown> {
  const [path] = request.url.split(/[?;#]/, 1)
  const { method, host, ip: remoteAddress, socket: { remotePort } } = request
  return { method, url: path, host, remoteAddress, remotePort }
}
