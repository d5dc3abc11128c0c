import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readBearer } from '../wire/api-access.js'
import { invalidParameters, tokenNotProvided } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'
import type { Miro } from '../miro.js'
import { readQuery } from '../wire/parameters.js'

/**
 * `GET /v1/oauth-token`: the user, team and scopes of a token. It needs no scope and costs no credits. It answers an
 * invalid token with 400, where every other endpoint answers 401.
 *
 * @see https://developers.miro.com/reference/get-access-token-context
 */
export function registerTokenContext (server: FastifyInstance, miro: Miro): void {
  server.get('/v1/oauth-token', (request) => {
    const token = readBearer(request) ?? readQueryToken(request, miro)
    if (token === null) throw tokenNotProvided()
    const pair = miro.tokens.find(token, miro.now())
    if (pair === undefined) throw invalidParameters('Invalid token provided')
    const team = miro.directory.team(pair.teamId)
    const user = { type: 'user', name: miro.directory.user(pair.userId)?.name, id: pair.userId }
    return {
      type: 'oauth-token',
      ...(team?.organization !== undefined && { organization: { type: 'organization', ...team.organization } }),
      team: { type: 'team', name: team?.name, id: pair.teamId },
      createdBy: user,
      user,
      scopes: pair.scopes
    } satisfies JsonObject
  })
}

function readQueryToken (request: FastifyRequest, miro: Miro): string | null {
  const token = readQuery(request).get('access_token')
  if (token !== null) miro.log.note(request, 'token in the query string')
  return token
}
