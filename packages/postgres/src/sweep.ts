import type { PostgresPool } from './postgres-pool.js'
import { nowMs, run } from './statement.js'

/** How many rows a call of {@link sweep} removes at most. */
export interface SweepOptions {
  /** Default 10,000. */
  limit?: number
}

/** Rows per statement: few enough to be done long before any timeout, and to hold their locks for moments only. */
const batch = 1000

/** The clock is read once, by a subquery, so that the index of `expires_at` can serve. */
const statement = `WITH expired AS MATERIALIZED (
    SELECT key FROM miro_records WHERE expires_at <= (SELECT ${nowMs}) ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ) DELETE FROM miro_records USING expired WHERE miro_records.key = expired.key`

/**
 * Removes rows that have expired, the oldest first, and returns how many.
 *
 * They are absent to every reader anyway: this only gives back their space. Have the scheduler you run call it, in one
 * process or in all of them at once: none waits for another, and no row that lives is touched.
 *
 * @throws {PostgresError}
 */
export async function sweep (pool: PostgresPool, { limit = 10_000 }: SweepOptions = {}): Promise<number> {
  let removed = 0
  while (removed < limit) {
    const asked = Math.min(batch, limit - removed)
    const { rowCount } = await run(pool, statement, [asked])
    removed += rowCount ?? 0
    if (rowCount !== asked) break
  }
  return removed
}
