/** One field that Miro refuses, by its path in the body: `data.content`, or `[2].data.content` of a list. */
export type FieldProblem = Readonly<{ field: string, message: string }>

/** The body of every error that Miro's API sends. */
export interface Envelope {
  status: number
  code: string
  message: string
  type: 'error'
  /** Only where fields of the body are refused. */
  context?: { fields: readonly FieldProblem[] }
}

/** A refusal. A handler throws it, and it is answered with `status` and an envelope. */
export class MiroRefusal extends Error {
  override readonly name = 'MiroRefusal'

  constructor (
    readonly status: number, readonly code: string, message: string, readonly fields: readonly FieldProblem[] = []
  ) {
    super(message)
  }
}

export function toEnvelope ({ status, code, message, fields }: MiroRefusal): Envelope {
  return { status, code, message, type: 'error', ...(fields.length > 0 && { context: { fields } }) }
}

export function invalidParameters (message: string): MiroRefusal {
  return new MiroRefusal(400, 'invalidParameters', message)
}

/** @param fields at least one */
export function invalidFields (fields: readonly FieldProblem[]): MiroRefusal {
  return new MiroRefusal(400, 'invalidParameters', 'The body has fields that are not valid', fields)
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

export function conflict (): MiroRefusal {
  return new MiroRefusal(409, 'conflict', 'The resource was changed by another request')
}

export function tooLarge (message: string): MiroRefusal {
  return new MiroRefusal(413, 'payloadTooLarge', message)
}

export function tooManyRequests (): MiroRefusal {
  return new MiroRefusal(429, 'tooManyRequests', 'The credits of this minute are used up')
}

/** Converts any error to a refusal: those of the HTTP layer too, such as a body that is too large. */
export function toRefusal (error: unknown): MiroRefusal {
  if (error instanceof MiroRefusal) return error
  const status = statusOf(error)
  if (status === 404) return notFound('Not found')
  if (status === 413) return tooLarge('The request body is too large')
  if (status >= 400 && status < 500) return new MiroRefusal(status, 'invalidParameters', 'The request cannot be read')
  return new MiroRefusal(500, 'internalError', 'The emulator failed; this is a bug in it')
}

function statusOf (error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500
  return typeof error.statusCode === 'number' ? error.statusCode : 500
}
