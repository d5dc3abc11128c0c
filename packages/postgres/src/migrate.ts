import { toPostgresError } from './postgres-error.js'
import type { PostgresPool } from './postgres-pool.js'
import { schema } from './schema.js'
import { run } from './statement.js'

/** Any number that other users of advisory locks in the database are unlikely to take. */
const lock = 6_437_152_098

/**
 * Creates the table `miro_records` and its index, in the first schema of the `search_path`, unless the table is there.
 *
 * Every process may call it at every start, all of them at once: where the table is there, it takes no lock and needs no
 * right but to look. It is the same as `schema.sql`, for those who run migrations of their own.
 *
 * @throws {PostgresError} unreachable, or not allowed to create tables
 */
export async function migrate (pool: PostgresPool): Promise<void> {
  // Without this look, CREATE INDEX would wait for writers, and hold them up, before it notices that there is nothing to do.
  const { rows: [row] } = await run(pool, "SELECT 1 WHERE to_regclass('miro_records') IS NOT NULL", [])
  if (row !== undefined) return
  try {
    // One message without parameters is one transaction: also where a pooler hands the next message to another backend.
    await pool.query(`SELECT pg_advisory_xact_lock(${lock});\n${schema}`)
  } catch (thrown) {
    throw toPostgresError(thrown)
  }
}
