import { requireCount, requireKnown } from '@miro-oauth/core/internal'
import type { PostgresPool } from './postgres-pool.js'
import { nowMs, run } from './statement.js'

/** How many rows a call of {@link sweep} removes at most. */
export interface SweepOptions {
  /** Default 10,000. */
  limit?: number | undefined
}

/** Rows per statement: few enough to end long before a timeout, and to hold their locks for a moment only. */
const batch = 1000

/** A subquery reads the clock once, so that the index on `expires_at` can be used. */
const statement = `WITH expired AS MATERIALIZED (
    SELECT key FROM miro_records WHERE expires_at <= (SELECT ${nowMs})
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ) DELETE FROM miro_records USING expired WHERE miro_records.key = expired.key`

/**
 * Removes rows that have expired, the oldest first, and returns how many.
 *
 * An expired row is absent to every reader anyway: a sweep only gives back its space. Call it from your scheduler, in
 * one process or in all of them at once: no sweep waits for another, and no row that has not expired is touched.
 *
 * @throws {ConfigError} `limit` is something else
 * @throws {PostgresError}
 */
export async function sweep (pool: PostgresPool, options: SweepOptions = {}): Promise<number> {
  requireKnown('', options, { limit: true })
  const { limit = 10_000 } = options
  requireCount('limit', limit)
  let removed = 0
  while (removed < limit) {
    const asked = Math.min(batch, limit - removed)
    const { rowCount } = await run(pool, { text: statement, values: [asked] })
    removed += rowCount ?? 0
    if (rowCount !== asked) break
  }
  return removed
}
