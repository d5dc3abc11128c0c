import { isError } from './is-error.js'

/** Failures of name lookup, connect and TLS: the request's bytes cannot have left. */
const beforeSending = new Set([
  'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'
])

/**
 * Whether a failed request surely never reached the server. An unknown failure counts as sent.
 *
 * `fetch` hides the reason in `cause`; a host with several addresses fails with an AggregateError of all attempts.
 */
export function neverSent (error: unknown): boolean {
  return isBeforeSending(error, 0)
}

/** Errors can hold each other in a circle; no real error is nested this deep. */
const deepest = 16

function isBeforeSending (error: unknown, depth: number): boolean {
  if (!isError(error) || depth > deepest) return false
  const { errors } = error as { errors?: unknown }
  if (Array.isArray(errors) && errors.length > 0) return errors.every((one) => isBeforeSending(one, depth + 1))
  if ('code' in error && typeof error.code === 'string' && beforeSending.has(error.code)) return true
  // Of a connect, a time-out is no lost answer; nor is a TLS handshake that the other side cut off.
  if ('code' in error && error.code === 'ETIMEDOUT' && 'syscall' in error && error.syscall === 'connect') return true
  if ('code' in error && error.code === 'ECONNRESET' && error.message.includes('before secure TLS connection was established')) return true
  return isBeforeSending(error.cause, depth + 1)
}
