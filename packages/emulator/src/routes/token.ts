import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { toRefusal } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'
import type { Miro } from '../miro.js'
import { isForm, readBody, readQuery } from '../wire/parameters.js'
import { sendPlain } from '../wire/plain-answer.js'
import { invalidGrant, invalidRequest, toOAuthAnswer } from '../oauth/oauth-refusal.js'
import { toRefreshAnswer, toTokenAnswer } from '../oauth/token-answer.js'
import { readTokenRequest, type TokenRequest } from '../oauth/token-request.js'
import { recordInterruptedRefresh } from '../oauth/interrupted-refresh.js'

export const tokenPath = '/v1/oauth/token'

/** `POST /v1/oauth/token`: a code, or a refresh token, against a token pair. */
export function registerToken (server: FastifyInstance, miro: Miro): void {
  const errorHandler = (error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendPlain(reply, toOAuthAnswer(toRefusal(error), miro.settings.refusals))

  server.post(tokenPath, { errorHandler }, (request, reply) => {
    const tokenRequest = readOrNote(mergeParameters(request, miro), miro)
    reply.header('cache-control', 'no-store')
    if (tokenRequest.grantType === 'refresh_token') return refresh(miro, reply, tokenRequest)
    return exchange(miro, reply, tokenRequest)
  })
}

/** Miro's documentation puts the parameters into the query, the form, or both; it never shows JSON or HTTP Basic. */
function mergeParameters (request: FastifyRequest, miro: Miro): URLSearchParams {
  const query = readQuery(request)
  const body = readBody(request)
  if (query.size > 0) miro.log.note(request, 'credentials in the query string')
  if (body !== '' && !isForm(request)) throw invalidRequest('The body must be application/x-www-form-urlencoded')
  return new URLSearchParams([...query, ...new URLSearchParams(body)])
}

function readOrNote (parameters: URLSearchParams, miro: Miro): TokenRequest {
  try {
    return readTokenRequest(parameters, miro.app)
  } catch (error) {
    recordInterruptedRefresh(miro, parameters)
    throw error
  }
}

function exchange (miro: Miro, reply: FastifyReply, { code, redirectUri }: { code: string, redirectUri: string }): JsonObject {
  const { app, state, settings, tokens } = miro
  const grant = state.codes.take(code, app.clientId, miro.now())
  if (grant === undefined) throw invalidGrant('Invalid authorization code')
  if (grant.redirectUri !== redirectUri) throw invalidGrant('Redirect URI mismatch.')
  const { userId, teamId } = grant
  const pair = tokens.exchange({ clientId: app.clientId, userId, teamId, scopes: app.scopes }, { now: miro.now(), expiring: app.expiring })
  state.installations.add(userId, teamId)
  miro.deliveries.track(reply, pair)
  return toTokenAnswer(pair, settings.ids)
}

function refresh (miro: Miro, reply: FastifyReply, { refreshToken }: { refreshToken: string }): JsonObject {
  const pair = miro.tokens.refresh(refreshToken, { clientId: miro.app.clientId, now: miro.now() })
  if (pair === undefined) throw invalidGrant('Invalid refresh token')
  miro.deliveries.track(reply, pair)
  return toRefreshAnswer(pair, miro.settings.ids)
}
