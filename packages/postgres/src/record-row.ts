import type { Versioned } from '@miro-oauth/core'
import { nowMs } from './statement.js'

/**
 * The bytes of an expiry: neither the app's type parsers in `pg` matter, nor `extra_float_digits`, by which the server
 * rounds the text of a number.
 */
export const expiryBytes = "encode(float8send(expires_at), 'hex') AS expires_at"

/** The columns that {@link keyOf} and {@link toVersioned} read, all of them texts. */
export const columns = `key, body, version, ${expiryBytes},
  (greatest(0, ${nowMs} - extract(epoch FROM written_at) * 1000))::text AS age_ms`

export function keyOf (row: unknown): string {
  return String((row as Record<string, unknown>)['key'])
}

/** The instant of {@link expiryBytes}; `null`: never. */
export function toExpiry (bytes: unknown): number | null {
  return bytes === null ? null : Buffer.from(String(bytes), 'hex').readDoubleBE()
}

/** The record of a row; `null` without a row. */
export function toVersioned (row: unknown): Versioned | null {
  if (row === undefined) return null
  const { body, version, expires_at: expiresAt, age_ms: ageMs } = row as Record<string, unknown>
  return {
    body: String(body),
    version: String(version),
    expiresAt: toExpiry(expiresAt),
    ageMs: Number(ageMs)
  }
}
