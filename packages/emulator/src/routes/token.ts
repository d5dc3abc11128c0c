import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { toRefusal } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'
import type { Miro } from '../miro.js'
import { isForm, readBody, readQuery } from '../wire/parameters.js'
import { sendPlain } from '../wire/plain-answer.js'
import { invalidGrant, invalidRequest, toOAuthAnswer } from '../oauth/oauth-refusal.js'
import { isVerified } from '../oauth/pkce.js'
import { toRefreshAnswer, toTokenAnswer } from '../oauth/token-answer.js'
import { readTokenRequest, type TokenRequest } from '../oauth/token-request.js'
import { recordInterruptedRefresh } from '../oauth/interrupted-refresh.js'

export const tokenPath = '/v1/oauth/token'

/** `POST /v1/oauth/token`: exchanges a code, or rotates a refresh token. */
export function registerToken (server: FastifyInstance, miro: Miro): void {
  const errorHandler = (error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendPlain(reply, toOAuthAnswer(toRefusal(error), miro.settings.refusals))

  server.post(tokenPath, { errorHandler }, (request, reply) => {
    const tokenRequest = readOrRecord(mergeParameters(request, miro), miro)
    reply.header('cache-control', 'no-store')
    if (tokenRequest.grantType === 'refresh_token') return refresh(miro, reply, tokenRequest)
    return exchange(miro, reply, tokenRequest)
  })
}

/** Miro's documentation has the parameters in the query, the form, or both, and never in JSON or HTTP Basic. */
function mergeParameters (request: FastifyRequest, miro: Miro): URLSearchParams {
  const query = readQuery(request)
  const body = readBody(request)
  if (query.size > 0) miro.log.note(request, 'credentials in the query string')
  if (body !== '' && !isForm(request)) throw invalidRequest('The body must be application/x-www-form-urlencoded')
  return new URLSearchParams([...query, ...new URLSearchParams(body)])
}

function readOrRecord (parameters: URLSearchParams, miro: Miro): TokenRequest {
  try {
    return readTokenRequest(parameters, miro.app, miro.settings.pkce)
  } catch (error) {
    recordInterruptedRefresh(miro, parameters)
    throw error
  }
}

type TokenRequestOf<Type extends TokenRequest['grantType']> = Extract<TokenRequest, { grantType: Type }>

function exchange (miro: Miro, reply: FastifyReply, request: TokenRequestOf<'authorization_code'>): JsonObject {
  const { app, state, settings, tokens } = miro
  const grant = state.codes.take(request.code, app.clientId, miro.now())
  if (grant === undefined) throw invalidGrant('Invalid authorization code')
  if (grant.redirectUri !== request.redirectUri) throw invalidGrant('Redirect URI mismatch.')
  if (settings.pkce === 'enforce' && !isVerified(grant.codeChallenge, request.codeVerifier)) {
    throw invalidGrant('Invalid code verifier')
  }
  const { userId, teamId } = grant
  const subject = { clientId: app.clientId, userId, teamId, scopes: app.scopes }
  const pair = tokens.exchange(subject, { now: miro.now(), expiring: app.expiring })
  state.installations.add(userId, teamId)
  miro.deliveries.track(reply, pair)
  return toTokenAnswer(pair, settings.ids)
}

function refresh (miro: Miro, reply: FastifyReply, { refreshToken }: TokenRequestOf<'refresh_token'>): JsonObject {
  const pair = miro.tokens.refresh(refreshToken, { clientId: miro.app.clientId, now: miro.now() })
  if (pair === undefined) throw invalidGrant('Invalid refresh token')
  miro.deliveries.track(reply, pair)
  return toRefreshAnswer(pair, miro.settings.ids)
}
