import { ConfigError } from '../errors.js'
import type { GrantRef } from './grant.js'

/**
 * A name of a grant: ids as exact texts. A number is refused, for a 64-bit id that was a number has been rounded.
 *
 * @throws {ConfigError}
 */
export function requireRef (ref: unknown): GrantRef {
  const { userId, teamId } = typeof ref === 'object' && ref !== null ? ref as Partial<GrantRef> : {}
  return { userId: requireId('userId', userId), teamId: requireId('teamId', teamId) }
}

/** @throws {ConfigError} anything but a text that can be part of a key */
export function requireId (name: string, value: unknown): string {
  // Ill-formed texts would share a key.
  if (typeof value === 'string' && value !== '' && value.isWellFormed()) return value
  throw new ConfigError(`${name} must be a text that is not empty${typeof value === 'number' ? ': as a number, an id of Miro is rounded' : ''}.`)
}
