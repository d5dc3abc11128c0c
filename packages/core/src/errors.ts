/**
 * One class per failure, told apart by a literal `code`.
 *
 * Fastify's default error handler answers with `statusCode` and `headers`. Messages are fixed texts: they hold neither
 * input nor anything Miro sent.
 */
export abstract class MiroError extends Error {
  abstract readonly code: string
  abstract readonly statusCode: number
  /** Headers for the HTTP answer, where the failure has any. */
  declare readonly headers?: Record<string, string>

  constructor (message: string, options: { cause?: unknown, headers?: Record<string, string> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    if (options.headers !== undefined) this.headers = options.headers
  }
}

/** A wrong option, a wrong client secret, or a redirect URI that Miro does not know. */
export class ConfigError extends MiroError {
  readonly code = 'MIRO_CONFIG'
  readonly statusCode = 502
}

/** Miro refused the authorization code: older than ten minutes, used before, or of another app. */
export class CodeRejectedError extends MiroError {
  readonly code = 'MIRO_CODE_REJECTED'
  readonly statusCode = 400

  constructor () {
    super('Miro did not accept the authorization code. Start again; if it happens every time, check the client secret.')
  }
}

/** No grant is stored for this request or reference. */
export class NotConnectedError extends MiroError {
  readonly code = 'MIRO_NOT_CONNECTED'
  readonly statusCode = 401

  constructor () {
    super('No Miro grant for this request: Miro is not connected yet, or no longer.')
  }
}

/** Why the person must connect again: see {@link ReauthorizeError}. */
export type ReauthorizeReason =
  /** Miro refused the current refresh token. */
  | 'refused'
  /** Miro refused it after an earlier answer was lost: the lost answer most likely held the only live pair. */
  | 'response_lost'
  /** Miro refused the refresh without saying why; the grant is kept, and asked again later. */
  | 'unclear'
  /** The access token ended, and Miro gave no refresh token with it. */
  | 'no_refresh_token'
  /** The access token that was handed to `adopt` is not accepted: refresh it first. */
  | 'access_token'
  /** A token that cannot be refreshed was refused, and Miro's token context confirmed it. */
  | 'revoked'

/** Miro refused the grant; the person must connect again. */
export class ReauthorizeError extends MiroError {
  readonly code = 'MIRO_REAUTHORIZE'
  readonly statusCode = 401
  readonly reason: ReauthorizeReason

  constructor (reason: ReauthorizeReason) {
    super(reason === 'access_token' ? adoptedTokenRefused : 'Miro no longer accepts this grant. The person must connect again.')
    this.reason = reason
  }
}

const adoptedTokenRefused = 'Miro does not accept the access token that was to be adopted. Refresh it first, or have the ' +
  'person connect.'

/** No useful answer from Miro in time. The grant is untouched; try again after `Retry-After` seconds. */
export class UnavailableError extends MiroError {
  readonly code = 'MIRO_UNAVAILABLE'
  readonly statusCode = 503

  constructor (options: { retryAfterMs?: number, cause?: unknown } = {}) {
    super('Miro gave no useful answer in time. The grant, if there is one, is untouched; try again shortly.', {
      cause: options.cause,
      headers: retryAfter(options.retryAfterMs ?? 1000)
    })
  }
}

/** An answer of Miro's made no sense. */
export class BadResponseError extends MiroError {
  readonly code = 'MIRO_BAD_RESPONSE'
  readonly statusCode = 502
  /** Miro's HTTP status, where there was one. */
  readonly miroStatus: number | null

  constructor (miroStatus: number | null = null, message?: string) {
    super(message ?? `Miro's answer${miroStatus === null ? '' : ` (HTTP ${miroStatus})`} makes no sense here. Check the endpoints, and what stands between this server and Miro.`)
    this.miroStatus = miroStatus
  }
}

/** The authorized fetch was pointed away from Miro. Nothing was sent. */
export class ForeignOriginError extends MiroError {
  readonly code = 'MIRO_FOREIGN_ORIGIN'
  readonly statusCode = 500

  constructor () {
    super('This fetch carries a Miro access token and goes to the Miro API only. Nothing was sent.')
  }
}

const passedOn = new Set([403, 404, 409, 429])
/** A 401 that stays: the token was replaced less than a minute ago, and Miro refuses the new one too. */
const stillRefused = 'Miro\'s API refuses the access token, though it was replaced within the last minute. Try again in a ' +
  'minute; if it goes on, the app may lack access to what was asked for.'

/** What Miro says in its own words. They may quote what was sent, so they are in no log. */
export interface ApiErrorDetails {
  message: string | null
  context: Record<string, unknown> | null
}

/** What is known of an answer by which Miro's REST API said no. */
export interface ApiErrorOptions {
  method?: string
  template?: string
  miroCode?: string | null
  fields?: readonly string[]
  requestId?: string | null
  details?: ApiErrorDetails | null
  retryAfterMs?: number | null
  /** Nothing was sent: no item can have the id. */
  isUnsent?: boolean
}

/**
 * Miro's REST API said no.
 *
 * The message and all fields but `details` are safe to log: they hold no id, no token and no value of a body.
 */
export class ApiError extends MiroError {
  readonly code = 'MIRO_API'
  /** 403, 404, 409 and 429 as Miro sent them, else 502. */
  readonly statusCode: number
  /** Miro's own HTTP status. */
  readonly miroStatus: number
  /** `code` of Miro's error envelope, such as `tooManyRequests`, where it sent a plain word. */
  readonly miroCode: string | null
  /** The method of the request, such as `POST`; `null` where it is not known. */
  readonly method: string | null
  /** The path of the request without its ids, such as `/v2/boards/{board_id}/items`. */
  readonly template: string | null
  /** The fields that Miro names in `context.fields`, such as `data.content`. */
  readonly fields: readonly string[]
  /** Miro's id of the request, for its support, where the answer has one. */
  readonly requestId: string | null
  readonly #details: ApiErrorDetails | null

  constructor (miroStatus: number, options: ApiErrorOptions = {}) {
    const { retryAfterMs } = options
    super(messageOf(miroStatus, options), retryAfterMs == null ? {} : { headers: retryAfter(retryAfterMs) })
    this.miroStatus = miroStatus
    this.statusCode = passedOn.has(miroStatus) ? miroStatus : 502
    this.miroCode = options.miroCode ?? null
    this.method = options.method ?? null
    this.template = options.template ?? null
    this.fields = options.fields ?? []
    this.requestId = options.requestId ?? null
    this.#details = options.details ?? null
  }

  /**
   * Miro's own `message` and `context`, for a developer's eyes: they may quote what was sent. No property of the
   * object, so that neither a logger nor `JSON.stringify` nor `util.inspect` shows them.
   */
  get details (): ApiErrorDetails | null {
    return this.#details
  }
}

function messageOf (status: number, { method, template, miroCode, fields = [], isUnsent }: ApiErrorOptions): string {
  if (isUnsent === true) return `An id of ${method} ${template} is empty or dots, which no item has. Nothing was sent to Miro.`
  const code = miroCode == null ? '' : ` (${miroCode})`
  const target = method === undefined || template === undefined ? '' : ` to ${method} ${template}`
  const named = fields.length === 0 ? '.' : `: ${fields.join(', ')}`
  return status === 401 ? stillRefused : `Miro's API answered ${status}${code}${target}${named}`
}

/** The store failed or refused. */
export class StoreError extends MiroError {
  readonly code = 'MIRO_STORE'
  readonly statusCode = 503

  constructor (cause: unknown) {
    super('The store failed or did not answer; the cause says why.', { cause })
  }
}

/** A stored record is corrupt, belongs elsewhere, or was written by a newer version. It is left as it is. */
export class RecordError extends MiroError {
  readonly code = 'MIRO_RECORD'
  readonly statusCode = 503

  /** @param missingKey the name of the key that the record is encrypted with, and that the option `keys` lacks */
  constructor (missingKey: string | null = null) {
    super(missingKey === null
      ? 'A stored record is corrupt, foreign or too new to be read. It was left untouched.'
      : `A stored record is encrypted with the key "${missingKey}", which the option keys lacks. It was left untouched.`)
  }
}

/**
 * `close()` was called: no refresh begins, and no call waits for Miro's rate limit. A call with a token that is still
 * valid goes out.
 */
export class ClosedError extends MiroError {
  readonly code = 'MIRO_CLOSED'
  readonly statusCode = 503

  constructor () {
    super('Shutting down: no refresh is begun, and no call waits for Miro\'s rate limit. Try again in another process.')
  }
}

function retryAfter (ms: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) }
}

/** Why a request to Miro brought no useful answer, as the `cause` of an error: it holds no byte of any answer. */
export function failureCause ({ status, errorCode }: { status: number | null, errorCode: string | null }): Error {
  if (status !== null) return new Error(`Miro answered with HTTP ${status}.`)
  const error = new Error(`The request to Miro failed${errorCode === null ? '.' : ` with ${errorCode}.`}`)
  return errorCode === null ? error : Object.assign(error, { code: errorCode })
}

/** The error for an answer that blames the app's credentials, or the way to Miro. */
export function misconfigured ({ secret, status }: {
  secret: boolean
  status: number
}): ConfigError | BadResponseError {
  return secret ? new ConfigError('Miro refuses the app\'s client id or client secret.') : new BadResponseError(status)
}
