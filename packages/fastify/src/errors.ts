import {
  BadResponseError, CodeRejectedError, ConfigError, MiroError, StoreError, UnavailableError, type MiroOAuthError
} from '@miro-oauth/core'

/**
 * The person said no on Miro's page.
 *
 * @see RFC 6749, section 4.1.2.1
 */
export class AccessDeniedError extends MiroError {
  readonly code = 'MIRO_ACCESS_DENIED'
  readonly statusCode = 403

  constructor () {
    super('Access to Miro was not granted.')
  }
}

/** The app has a login of its own, and no user is signed in to it. */
export class NoAppUserError extends MiroError {
  readonly code = 'MIRO_NO_APP_USER'
  readonly statusCode = 401

  /** @param at where in a flow that was; only a callback comes from another site */
  constructor (at: 'login' | 'callback' | null = null) {
    super(`No user is signed in to this app: appUserId gave none.${at !== 'callback'
      ? ''
      : ' If one is, the app\'s session cookie did not come along from Miro: it must be SameSite=Lax, not Strict.'}`)
  }
}

/** A function that the app gave to the plugin, `appUserId`, `grant` or `admit`, threw. */
export class AppFunctionError extends MiroError {
  readonly code = 'MIRO_APP_FUNCTION'
  readonly statusCode = 503

  /** @param option the function's name */
  constructor (option: string, cause: unknown) {
    super(`The app's function ${option} failed; the cause says why.`, { cause })
  }
}

/**
 * The person granted fewer scopes than the app requires. The grant signs no user in and is linked to none; one that is
 * new is disconnected again.
 */
export class ScopeMissingError extends MiroError {
  readonly code = 'MIRO_SCOPE_MISSING'
  readonly statusCode = 403

  constructor () {
    super('The Miro grant lacks a scope that this app requires. The scopes are set in the app\'s settings in Miro.')
  }
}

/** The app's option `admit` did not let the person in. The grant is disconnected, one from before included. */
export class NotAdmittedError extends MiroError {
  readonly code = 'MIRO_NOT_ADMITTED'
  readonly statusCode = 403

  constructor () {
    super('This app does not admit this Miro user or team.')
  }
}

/** A page of another site sent what would change something: the protection against CSRF. */
export class CrossSiteError extends MiroError {
  readonly code = 'MIRO_CROSS_SITE'
  readonly statusCode = 403

  constructor () {
    super('This request must come from the app\'s own pages.')
  }
}

/** `endSession()` was given an id that names no session of this person. */
export class SessionUnknownError extends MiroError {
  readonly code = 'MIRO_SESSION_UNKNOWN'
  readonly statusCode = 404

  constructor () {
    super('There is no such session of this person, or it has ended.')
  }
}

/** A body of a type, charset or encoding that the route does not read. Nothing was done. */
export class UnsupportedBodyError extends MiroError {
  readonly code = 'MIRO_BODY_UNSUPPORTED'
  readonly statusCode = 415

  constructor () {
    super('A body must be a form (application/x-www-form-urlencoded) or JSON (application/json), in UTF-8.')
  }
}

/** A body or query that says what the route does not understand. Nothing was done. */
export class InvalidBodyError extends MiroError {
  readonly code = 'MIRO_BODY_INVALID'
  readonly statusCode = 400
}

/** A body that is longer than the route reads. Nothing was done. */
export class BodyTooLongError extends MiroError {
  readonly code = 'MIRO_BODY_TOO_LONG'
  readonly statusCode = 413

  constructor () {
    super('The body is longer than 16 KB.')
  }
}

/** A disconnect that does not say which of several grants it means. Nothing was done. */
export class GrantUnnamedError extends MiroError {
  readonly code = 'MIRO_GRANT_UNNAMED'
  readonly statusCode = 400

  constructor () {
    super('There are several grants: name the one that is meant by the fields user_id and team_id.')
  }
}

/**
 * Miro refused too many codes from this client's address. Nothing was sent to Miro, and the flow stays unredeemed,
 * unless it was in line already when the limit was reached.
 */
export class RateLimitedError extends MiroError {
  readonly code = 'MIRO_RATE_LIMITED'
  readonly statusCode = 429

  /** @param retryAfterMs when the next code is sent on */
  constructor (retryAfterMs = 1000) {
    super('Too many sign-ins from this address brought codes that Miro refuses.', {
      headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }
    })
  }
}

/**
 * A callback that belongs to no flow of this browser, or breaks its rules. Nothing was sent to Miro's token endpoint.
 */
abstract class CallbackError extends MiroError {
  readonly statusCode = 400
}

/** No `state`: the app did not begin this flow (RFC 6749, section 10.12). Nothing was sent to Miro's token endpoint. */
export class StateMissingError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_STATE_MISSING'
  constructor () { super('The callback carries no state: this flow was not begun here.') }
}

/**
 * A `state` that this browser has no flow for: CSRF, or a cookie that is gone. Nothing was sent to Miro's token
 * endpoint.
 */
export class StateUnknownError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_STATE_UNKNOWN'
  constructor () {
    super('This flow was not begun in this browser, or its cookie did not arrive. ' +
      'Cookies must be allowed, and the page opened on the host of the redirect URI.')
  }
}

/** The flow was begun more than ten minutes ago. Nothing was sent to Miro's token endpoint. */
export class StateExpiredError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_STATE_EXPIRED'
  constructor () { super('This flow took longer than ten minutes.') }
}

/** The flow was completed before: a `state` is single use. The code was not sent to Miro again. */
export class StateUsedError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_STATE_USED'
  constructor () { super('This flow was completed before.') }
}

/** Neither a `code` nor an `error`. Nothing was sent to Miro's token endpoint. */
export class CodeMissingError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_CODE_MISSING'
  constructor () { super('The callback carries no authorization code.') }
}

/** A parameter came more than once (RFC 6749, section 3.1). Nothing was sent to Miro's token endpoint. */
export class ParameterRepeatedError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_PARAMETER_REPEATED'
  constructor () { super('A parameter of the callback was repeated.') }
}

/** The callback names another app: a mix-up of clients. Nothing was sent to Miro's token endpoint. */
export class ClientMismatchError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_CLIENT_MISMATCH'
  constructor () { super('The callback is for another app.') }
}

/**
 * The callback names another team than Miro's answer to its code. The grant signs no user in and is linked to none; one
 * that is new is disconnected again.
 */
export class TeamMismatchError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_TEAM_MISMATCH'
  constructor () { super('The callback names another team than the grant.') }
}

/** Another user of the app began the flow, which stays unredeemed. Nothing was sent to Miro's token endpoint. */
export class UserMismatchError extends CallbackError {
  readonly code = 'MIRO_CALLBACK_USER_MISMATCH'
  constructor () { super('Connecting to Miro was begun by another user of this app.') }
}

/**
 * Whether the plugin or its core threw it on purpose. The type is narrowed to a union with literal codes, so that
 * `error.code` narrows further, and a misspelt code does not compile.
 */
export function isMiroError (error: unknown): error is FastifyMiroError {
  return error instanceof MiroError
}

/** Everything the plugin's routes and `request.miro` throw on purpose. Switch on `code`. */
export type FastifyMiroError =
  | MiroOAuthError | AccessDeniedError | CrossSiteError | StateMissingError | StateUnknownError | StateExpiredError
  | StateUsedError | CodeMissingError | ParameterRepeatedError | ClientMismatchError | TeamMismatchError
  | UserMismatchError | NoAppUserError | AppFunctionError | ScopeMissingError | UnsupportedBodyError
  | InvalidBodyError | BodyTooLongError | GrantUnnamedError | RateLimitedError | NotAdmittedError | SessionUnknownError

const failuresOfFlows: Record<string, () => MiroError> = {
  MIRO_CODE_REJECTED: () => new CodeRejectedError(),
  MIRO_UNAVAILABLE: () => new UnavailableError(),
  MIRO_BAD_RESPONSE: () => new BadResponseError(),
  MIRO_CONFIG: () => new ConfigError('Miro refuses the app\'s client id, its client secret or its redirect URI.'),
  MIRO_STORE: () => new StoreError(new Error('The store failed when this flow was completed.')),
  MIRO_SCOPE_MISSING: () => new ScopeMissingError(),
  MIRO_NOT_ADMITTED: () => new NotAdmittedError(),
  MIRO_RATE_LIMITED: () => new RateLimitedError(),
  MIRO_CALLBACK_TEAM_MISMATCH: () => new TeamMismatchError()
}

/** The error with which a flow failed, for a browser that asks again. `null`: it is not told twice. */
export function failureOfFlow (code: string): MiroError | null {
  return failuresOfFlows[code]?.() ?? null
}
