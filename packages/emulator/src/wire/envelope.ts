/** The body of every error that Miro's API sends. */
export interface Envelope {
  status: number
  code: string
  message: string
  type: 'error'
}

/** A refusal. A handler throws it, and it is answered with `status` and an envelope. */
export class MiroRefusal extends Error {
  override readonly name = 'MiroRefusal'

  constructor (readonly status: number, readonly code: string, message: string) {
    super(message)
  }
}

export function toEnvelope (refusal: MiroRefusal): Envelope {
  return { status: refusal.status, code: refusal.code, message: refusal.message, type: 'error' }
}

export function invalidParameters (message: string): MiroRefusal {
  return new MiroRefusal(400, 'invalidParameters', message)
}

export function tokenNotProvided (): MiroRefusal {
  return new MiroRefusal(401, 'tokenNotProvided', 'No access token was sent with this request')
}

/**
 * The same answer for an unknown, an expired and a revoked token: Miro documents no code that tells them apart, so an
 * app must not rely on one.
 */
export function tokenNotFound (): MiroRefusal {
  return new MiroRefusal(401, 'tokenNotFound', 'The access token is not valid')
}

export function scopeMissing (scope: string): MiroRefusal {
  return new MiroRefusal(403, 'insufficientPermissions', `Required scope: ${scope}`)
}

export function forbidden (message: string): MiroRefusal {
  return new MiroRefusal(403, 'forbiddenAccess', message)
}

export function notFound (message: string): MiroRefusal {
  return new MiroRefusal(404, 'notFound', message)
}

export function tooManyRequests (): MiroRefusal {
  return new MiroRefusal(429, 'tooManyRequests', 'The credits of this minute are used up')
}

/** Converts any error to a refusal: those of the HTTP layer too, such as a body that is too large. */
export function toRefusal (error: unknown): MiroRefusal {
  if (error instanceof MiroRefusal) return error
  const status = statusOf(error)
  if (status === 404) return notFound('Not found')
  if (status === 413) return new MiroRefusal(413, 'payloadTooLarge', 'The request body is too large')
  if (status >= 400 && status < 500) return new MiroRefusal(status, 'invalidParameters', 'The request cannot be read')
  return new MiroRefusal(500, 'internalError', 'The emulator failed; this is a bug in it')
}

function statusOf (error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500
  return typeof error.statusCode === 'number' ? error.statusCode : 500
}
