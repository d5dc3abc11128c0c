import {
  MiroError, type ApiError, type BadResponseError, type ClosedError, type CodeRejectedError, type ConfigError,
  type ForeignOriginError, type NotConnectedError, type ReauthorizeError, type RecordError, type StoreError,
  type UnavailableError
} from './errors.js'
import type {
  IdTokenClientMismatchError, IdTokenExpiredError, IdTokenInvalidError, IdTokenMissingError
} from './id-token/id-token-errors.js'

/** Everything this package throws on purpose. Switch on `code`. */
export type MiroOAuthError =
  | ConfigError | CodeRejectedError | NotConnectedError | ReauthorizeError | UnavailableError | BadResponseError
  | ForeignOriginError | ApiError | StoreError | RecordError | ClosedError
  | IdTokenMissingError | IdTokenInvalidError | IdTokenExpiredError | IdTokenClientMismatchError

const codes: Record<MiroOAuthError['code'], true> = {
  MIRO_CONFIG: true,
  MIRO_CODE_REJECTED: true,
  MIRO_NOT_CONNECTED: true,
  MIRO_REAUTHORIZE: true,
  MIRO_UNAVAILABLE: true,
  MIRO_BAD_RESPONSE: true,
  MIRO_FOREIGN_ORIGIN: true,
  MIRO_API: true,
  MIRO_STORE: true,
  MIRO_RECORD: true,
  MIRO_CLOSED: true,
  MIRO_ID_TOKEN_MISSING: true,
  MIRO_ID_TOKEN_INVALID: true,
  MIRO_ID_TOKEN_EXPIRED: true,
  MIRO_ID_TOKEN_CLIENT_MISMATCH: true
}

/**
 * Whether this package threw it on purpose. The type is narrowed to a union with literal codes, so that `error.code`
 * narrows further, and a misspelt code does not compile; `instanceof MiroError` leaves `code` a text.
 */
export function isMiroError (error: unknown): error is MiroOAuthError {
  return error instanceof MiroError && Object.hasOwn(codes, error.code)
}
