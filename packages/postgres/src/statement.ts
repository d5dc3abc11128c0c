import { isConflict, toPostgresError } from './postgres-error.js'
import type { PostgresPool } from './postgres-pool.js'

type Result = Awaited<ReturnType<PostgresPool['query']>>

/** Enough for twenty writers of one row, of whom one gets on in each round. */
const attempts = 25

/** The server's clock in epoch milliseconds: the moment it is evaluated, not the one the statement began at. */
export const nowMs = '(extract(epoch FROM clock_timestamp()) * 1000)'

/** Of a row that exists for readers. */
export const isLive = `(expires_at IS NULL OR expires_at > ${nowMs})`

/**
 * Runs one statement, which is a transaction of its own.
 *
 * What the server gave up for the sake of others has changed nothing, and is run again: by then it sees what they wrote.
 *
 * @throws {PostgresError}
 */
export async function run (pool: PostgresPool, text: string, values: unknown[]): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await pool.query(text, values)
    } catch (thrown) {
      const error = toPostgresError(thrown)
      if (!isConflict(error) || attempt === attempts) throw error
    }
  }
}
