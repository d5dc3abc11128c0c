import type { Versioned } from '@miro-oauth/core'
import { nowMs } from './connection.js'

/** The columns that {@link toVersioned} reads. */
export const columns = `body, version, expires_at, max(0, ${nowMs} - written_at) AS age_ms`

/** The record of a row; `null` without a row. The app may have set that integers are read as BigInt. */
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
