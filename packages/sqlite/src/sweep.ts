import { setImmediate as nextTurn } from 'node:timers/promises'
import { requireCount, requireKnown } from '@miro-oauth/core/internal'
import { Connection, nowMs } from './connection.js'
import { requireDatabase, type SqliteDatabase } from './sqlite-database.js'

/** How many rows a call of {@link sweep} removes at most. */
export interface SweepOptions {
  /** Default 10,000. */
  limit?: number | undefined
}

/** Rows per statement, which holds up the event loop and every other writer. */
const batch = 100

const statement = `DELETE FROM miro_records WHERE key IN (
    SELECT key FROM miro_records WHERE expires_at <= ${nowMs} ORDER BY expires_at LIMIT $batch
  )`

/**
 * Removes rows that have expired, the oldest first, and returns how many.
 *
 * An expired row is absent to every reader anyway: a sweep only gives its space back to the file. Call it from your
 * scheduler, in one process or in all of them. Requests are served between its statements.
 *
 * @throws {ConfigError} `database` or `limit` is something else
 * @throws {SqliteError}
 */
export async function sweep (database: SqliteDatabase, options: SweepOptions = {}): Promise<number> {
  requireKnown('', options, { limit: true })
  const { limit = 10_000 } = options
  requireCount('limit', limit)
  const connection = new Connection(requireDatabase(database), { busyTimeoutMs: 5000 })
  let removed = 0
  while (removed < limit) {
    const asked = Math.min(batch, limit - removed)
    const changes = await connection.changes(statement, { batch: asked })
    removed += changes
    if (changes !== asked) break
    await nextTurn()
  }
  return removed
}
