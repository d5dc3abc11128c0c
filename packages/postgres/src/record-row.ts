import type { Versioned } from '@miro-oauth/core'
import { nowMs } from './statement.js'

/** What {@link toVersioned} reads. Numbers come as text, whatever type parsers the app has set in `pg`. */
export const columns = `body, version, expires_at::text, (greatest(0, ${nowMs} - extract(epoch FROM written_at) * 1000))::text AS age_ms`

/** The record that a row holds, or `null` without a row. */
export function toVersioned (row: unknown): Versioned | null {
  if (row === undefined) return null
  const { body, version, expires_at: expiresAt, age_ms: ageMs } = row as Record<string, unknown>
  return { body: String(body), version: String(version), expiresAt: expiresAt === null ? null : Number(expiresAt), ageMs: Number(ageMs) }
}
