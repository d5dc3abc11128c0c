/** Errors can hold each other in a circle; no real error is nested this deep. */
const deepest = 16

/**
 * The error of a failed `fetch` without what the other side sent: an error of undici's parser holds the unreadable
 * bytes in `data`, and a server that echoes a request echoes its token. Any other error is returned as it is.
 */
export function redactError (error: unknown, depth = 0): unknown {
  if (!(error instanceof Error) || depth > deepest) return error
  const cause = redactError(error.cause, depth + 1)
  if (cause === error.cause && !('data' in error)) return error
  const options = cause === undefined ? {} : { cause }
  const quiet = error instanceof TypeError ? new TypeError(error.message, options) : new Error(error.message, options)
  quiet.name = error.name
  return 'code' in error ? Object.assign(quiet, { code: error.code }) : quiet
}
