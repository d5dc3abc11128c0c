import type { FastifyRequest } from 'fastify'

/**
 * The query as it was sent. The host may have a query parser of its own, which would decide what a repeated parameter
 * is.
 */
export function queryOf (request: FastifyRequest): URLSearchParams {
  const url = request.originalUrl
  const start = url.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1))
}

/** The team that a query names; `null`: none, or what it names is no id. */
export function teamIdOf (query: URLSearchParams): string | null {
  const teamId = query.get('team_id')
  return teamId !== null && /^[\w-]{1,64}$/.test(teamId) ? teamId : null
}
