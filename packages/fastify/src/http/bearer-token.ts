import type { FastifyRequest } from 'fastify'

/** The token behind `Authorization: Bearer`; `undefined`: there is none. @see RFC 6750, section 2.1 */
export function bearerToken ({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}
