import type { FastifyInstance } from 'fastify'
import { invalidParameters, notFound } from '../wire/envelope.js'
import { readJsonObject } from '../wire/json-body.js'
import type { Miro } from '../miro.js'
import { invalidClient } from '../oauth/oauth-refusal.js'
import { readQuery } from '../wire/parameters.js'

/** The two endpoints that end a token pair. Neither uninstalls the app. */
export function registerRevoke (server: FastifyInstance, miro: Miro): void {
  // Miro has deprecated this one, because it carries the token in the URL.
  server.post('/v1/oauth/revoke', (request, reply) => {
    miro.log.note(request, 'token in the query string')
    const token = readQuery(request).get('access_token') ?? ''
    if (!miro.tokens.revoke(token, miro.now())) throw invalidParameters('Failed to revoke token')
    return reply.code(204).send()
  })

  server.post('/v2/oauth/revoke', (request, reply) => {
    const body = readJsonObject(request)
    const token = demand(body, 'accessToken')
    const clientId = demand(body, 'clientId')
    const clientSecret = demand(body, 'clientSecret')
    if (clientId !== miro.app.clientId || clientSecret !== miro.app.clientSecret) throw invalidClient()
    if (!miro.tokens.revoke(token, miro.now())) throw notFound('Token not found')
    return reply.code(204).send()
  })
}

function demand (body: ReadonlyMap<string, unknown>, field: string): string {
  const value = body.get(field)
  if (typeof value !== 'string' || value === '') throw invalidParameters(`${field} must be a string`)
  return value
}
