import { hasChangedNothing, toPostgresError } from './postgres-error.js'
import type { PostgresPool, PostgresStatement } from './postgres-pool.js'

export type Result = Awaited<ReturnType<PostgresPool['query']>>

/** Enough for twenty writers of one row, of which one succeeds in each round. */
const attempts = 25

/** The server's clock in epoch milliseconds, at the moment of evaluation and not at the start of the statement. */
export const nowMs = '(extract(epoch FROM clock_timestamp()) * 1000)'

/** The condition for a row that has not expired. */
export const isLive = `(expires_at IS NULL OR expires_at > ${nowMs})`

/**
 * Runs one statement, which is a transaction of its own.
 *
 * A statement that has changed nothing is run again. Where a concurrent one was the reason, it then sees the other's
 * write.
 *
 * @throws {PostgresError}
 */
export async function run (pool: PostgresPool, statement: PostgresStatement): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await pool.query(statement)
    } catch (thrown) {
      const error = toPostgresError(thrown)
      if (!hasChangedNothing(error) || attempt === attempts) throw error
    }
  }
}
