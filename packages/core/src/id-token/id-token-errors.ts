import { MiroError } from '../errors.js'

/** An id token of the Web SDK that does not tell who sent a request. None of them shows the token. */
abstract class IdTokenError extends MiroError {
  readonly statusCode = 401
}

/** No id token came with the request. */
export class IdTokenMissingError extends IdTokenError {
  readonly code = 'MIRO_ID_TOKEN_MISSING'
  constructor () { super('An id token of the Miro Web SDK is missing.') }
}

/** The token is not one that Miro signed with this app's client secret, or breaks a rule of such tokens. */
export class IdTokenInvalidError extends IdTokenError {
  readonly code = 'MIRO_ID_TOKEN_INVALID'
  constructor () { super('The id token is not one that Miro signed for this app.') }
}

/** The token was right, and is too old: a fresh one helps. */
export class IdTokenExpiredError extends IdTokenError {
  readonly code = 'MIRO_ID_TOKEN_EXPIRED'
  constructor () { super('The id token has expired. Ask the Web SDK for a fresh one.') }
}

/** The token is another app's, which has the same client secret. */
export class IdTokenClientMismatchError extends IdTokenError {
  readonly code = 'MIRO_ID_TOKEN_CLIENT_MISMATCH'
  constructor () { super('The id token is for another app.') }
}
