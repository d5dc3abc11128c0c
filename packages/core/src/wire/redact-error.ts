import { isError } from './is-error.js'
import { isJsonObject } from './lossless-json.js'

/** Errors can hold each other in a circle; no real error is nested this deep. */
const deepest = 16
/** What the platform's own errors say of a connection, and no other side sent. */
const harmless = new Set(['name', 'message', 'stack', 'cause', 'code', 'errno', 'syscall', 'address', 'port', 'host', 'hostname'])

/**
 * The error of a failed `fetch` without what either side sent: an error of undici's parser holds the unreadable bytes
 * in `data`, a server that echoes a request echoes its token, and HTTP clients that stand in for `fetch` give their
 * errors the request. Of an error that holds anything of the kind, name, message, code and cause are copied.
 */
export function redactError (error: unknown, depth = 0): unknown {
  if (!isJsonObject(error) || depth > deepest) return typeof error === 'object' ? undefined : error
  const cause = redactError(error['cause'], depth + 1)
  const isHarmless = isError(error) && Object.getOwnPropertyNames(error).every((name) => harmless.has(name))
  if (isHarmless && cause === error.cause) return error
  const options = cause === undefined ? {} : { cause }
  const message = typeof error['message'] === 'string' ? error['message'] : ''
  const quiet = error instanceof TypeError ? new TypeError(message, options) : new Error(message, options)
  if (typeof error['name'] === 'string') quiet.name = error['name']
  const { code } = error
  return typeof code === 'string' || typeof code === 'number' ? Object.assign(quiet, { code }) : quiet
}
