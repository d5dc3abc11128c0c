import type { JsonObject } from '../wire/json-text.js'
import { type IdStyle, toStyledId } from '../wire/id-style.js'
import type { TokenPair } from '../model/token-pair.js'

/** The answer to a code. Ids are text, as in Miro's guide, or bare numbers, as in its sample of a refresh. */
export function toTokenAnswer (pair: TokenPair, ids: IdStyle): JsonObject {
  return { user_id: toStyledId(pair.userId, ids), ...toCommonAnswer(pair, ids) }
}

/**
 * The answer to a refresh token. Miro's sample of it has bare numbers and no `user_id`.
 *
 * @see https://developers.miro.com/reference/get-new-access-token-using-refresh-token
 */
export function toRefreshAnswer (pair: TokenPair, ids: IdStyle): JsonObject {
  return ids === 'numbers' ? toCommonAnswer(pair, ids) : toTokenAnswer(pair, ids)
}

function toCommonAnswer (pair: TokenPair, ids: IdStyle): JsonObject {
  return {
    team_id: toStyledId(pair.teamId, ids),
    access_token: pair.accessToken,
    scope: pair.scopes.join(' '),
    token_type: 'bearer',
    // The answer to an app whose tokens do not expire has neither of these.
    ...(pair.refreshToken !== null && { refresh_token: pair.refreshToken, expires_in: pair.expiresInSeconds })
  }
}
