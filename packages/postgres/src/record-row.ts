import type { Versioned } from '@miro-oauth/core'
import { nowMs } from './statement.js'

/**
 * The columns that {@link keyOf} and {@link toVersioned} read. Numbers are cast to text, so that the app's type parsers
 * in `pg` do not matter.
 */
export const columns = `key, body, version, expires_at::text,
  (greatest(0, ${nowMs} - extract(epoch FROM written_at) * 1000))::text AS age_ms`

export function keyOf (row: unknown): string {
  return String((row as Record<string, unknown>)['key'])
}

/** The record of a row; `null` without a row. */
export function toVersioned (row: unknown): Versioned | null {
  if (row === undefined) return null
  const { body, version, expires_at: expiresAt, age_ms: ageMs } = row as Record<string, unknown>
  return {
    body: String(body),
    version: String(version),
    expiresAt: expiresAt === null ? null : Number(expiresAt),
    ageMs: Number(ageMs)
  }
}
