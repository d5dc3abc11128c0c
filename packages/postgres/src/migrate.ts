import { emitWarning } from 'node:process'
import { toPostgresError } from './postgres-error.js'
import type { PostgresPool } from './postgres-pool.js'
import { schema } from './schema.js'
import { run } from './statement.js'

/** The number of the advisory lock, which no other use of the database is likely to take. */
const lock = 6_437_152_098

const insufficientPrivilege = '42501'

/**
 * Creates the table `miro_records` and its indexes, in the first schema of the `search_path`, unless they exist.
 *
 * Every process may call it at every start, all of them at once: if they exist, the call takes no lock and needs no
 * right to create. `schema.sql` creates the same table, for apps with migrations of their own.
 *
 * Where the role may not create the indexes of a table of an older version, or an index is not valid, it warns
 * (`MIRO_POSTGRES_SCHEMA`): without them everything is found, later.
 *
 * @throws {PostgresError} unreachable, or not allowed to create the table
 */
export async function migrate (pool: PostgresPool): Promise<void> {
  // Without this query, CREATE INDEX would wait for writers and hold them up before it finds that the index exists.
  const { rows: [index] } = await run(pool, { text: "SELECT indisvalid::text AS valid FROM pg_index WHERE indexrelid = to_regclass('miro_records_grants')" })
  if (index !== undefined) return warnUnlessValid(index)
  try {
    // A message without parameters is one transaction, also if a pooler sends the next message to another backend.
    await pool.query({ text: `SELECT pg_advisory_xact_lock(${lock});\n${schema}` })
  } catch (thrown) {
    const error = toPostgresError(thrown)
    if (error.code !== insufficientPrivilege || !await hasTable(pool)) throw error
    warn('migrate() may not create an index of miro_records that this version adds: have its owner run schema.sql.')
  }
}

/** No statement uses an invalid index, and `CREATE INDEX IF NOT EXISTS` leaves it as it is. */
function warnUnlessValid (index: unknown): void {
  const { valid } = index as Record<string, unknown>
  if (valid === 'false') warn('The index miro_records_grants is not valid: its CREATE INDEX CONCURRENTLY is still at work, or was cut off. Then drop it, and call migrate() again.')
}

function warn (message: string): void {
  emitWarning(message, { code: 'MIRO_POSTGRES_SCHEMA' })
}

async function hasTable (pool: PostgresPool): Promise<boolean> {
  const { rows } = await run(pool, { text: "SELECT 1 WHERE to_regclass('miro_records') IS NOT NULL" })
  return rows.length > 0
}
