import type { FastifyRequest } from 'fastify'

/** The query as it was sent, whatever parser the host has for it. */
export function queryOf (request: FastifyRequest): URLSearchParams {
  const url = request.originalUrl
  const start = url.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1))
}
