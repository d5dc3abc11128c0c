import { isError } from './is-error.js'

/** Errors can hold each other in a circle; no real error is nested this deep. */
const deepest = 16

/** The code of a network error, such as `ECONNRESET`, wherever in the error it stands. `null`: there is none. */
export function errorCodeOf (error: unknown, depth = 0): string | null {
  if (!isError(error) || depth > deepest) return null
  if ('code' in error && typeof error.code === 'string' && /^[A-Z_\d]{1,64}$/.test(error.code)) return error.code
  const { errors } = error as { errors?: unknown }
  const inner: unknown = Array.isArray(errors) && errors.length > 0 ? errors[0] : error.cause
  return errorCodeOf(inner, depth + 1)
}
