/** Errors can hold each other in a circle; no real error is nested this deep. */
const deepest = 16

/** The code of a network error, such as `ECONNRESET`, wherever in the error it stands. `null`: there is none. */
export function errorCodeOf (error: unknown, depth = 0): string | null {
  if (!(error instanceof Error) || depth > deepest) return null
  if ('code' in error && typeof error.code === 'string' && /^[A-Z_\d]{1,64}$/.test(error.code)) return error.code
  const inner = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error.cause
  return errorCodeOf(inner, depth + 1)
}
