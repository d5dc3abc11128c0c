import { randomUUID } from 'node:crypto'
import { ConfigError, type Entry, type Store, type Versioned } from '@miro-oauth/core'
import { requireKnown } from '@miro-oauth/core/internal'
import type { PostgresPool } from './postgres-pool.js'
import { PreparedStatements } from './prepared-statements.js'
import { columns, keyOf, toVersioned } from './record-row.js'
import { scan } from './scan.js'
import { isLive, nowMs } from './statement.js'
import { assertStorable, unstorableOf } from './storable.js'

/** Settings of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /** A `Pool` of `pg`, connected to the primary. The app ends it. */
  pool: PostgresPool
  /**
   * Whether `get` and `cas` are named statements, which each connection has parsed and planned once. Default `true`.
   * `false` for a pooler that sends each statement to any backend and knows no names, such as PgBouncer before 1.21 in
   * transaction mode.
   */
  namedStatements?: boolean | undefined
}

const statements = {
  get: `SELECT ${columns} FROM miro_records WHERE key = $1 AND ${isLive}`,
  // Of a list that stands there as $1 alone PostgreSQL knows the length, and plans anew for each: 60 of 150 µs.
  getAll: `SELECT ${columns} FROM miro_records WHERE key = ANY((SELECT $1::text[])::text[]) AND ${isLive}`,
  insert: `INSERT INTO miro_records AS there (key, body, version, expires_at, written_at)
    VALUES ($1, $2, $3, $4, clock_timestamp())
    ON CONFLICT (key) DO UPDATE
    SET body = excluded.body, version = excluded.version, expires_at = excluded.expires_at, written_at = excluded.written_at
    WHERE there.expires_at <= ${nowMs}`,
  update: `UPDATE miro_records SET body = $2, version = $3, expires_at = $4, written_at = clock_timestamp()
    WHERE key = $1 AND version = $5 AND ${isLive}`,
  delete: `DELETE FROM miro_records WHERE key = $1 AND version = $2 AND ${isLive}`
}

/**
 * Keeps everything in the table `miro_records` of a PostgreSQL database (14 or later), which {@link migrate} creates.
 *
 * A call is one statement in autocommit, and a failed `cas` one more; the reads of one turn of the event loop are one.
 * No connection is held between them, so that a pooler may send each to another backend. Expiry and age are measured by
 * the server's clock.
 *
 * @throws {ConfigError} at once: `pool` or `namedStatements` is something else
 * @throws {PostgresError} from its methods: unreachable, no table, or whatever the server refuses
 * @throws {TypeError} from its methods: a text with NUL or half a surrogate pair, which PostgreSQL cannot hold
 */
export function postgresStore (options: PostgresStoreOptions): Store {
  const { pool, namedStatements: areNamed } = requireOptions(options)
  const prepared = new PreparedStatements(pool, { areNamed })
  async function get (key: string): Promise<Versioned | null> {
    assertStorable(key)
    const { rows: [row] } = await prepared.run(statements.get, [key])
    return toVersioned(row)
  }

  return {
    get,
    getAll: (keys) => getAll(prepared, keys),

    async cas (key, expected, next) {
      assertStorable(key, expected, next?.body)
      const version = randomUUID()
      const isDone = expected === null && next === null
        ? await get(key) === null
        : await write(prepared, { key, expected, next, version })
      // A statement of its own reads the current record: the failed one saw the row as it was when it began.
      return isDone ? { ok: true, version } : { ok: false, current: await get(key) }
    },

    scan: (query) => scan(pool, query)
  }
}

/** @throws {ConfigError} no pool, or more than the options */
function requireOptions (options: PostgresStoreOptions): { pool: PostgresStoreOptions['pool'], namedStatements: boolean } {
  const { pool, namedStatements = true }: Partial<PostgresStoreOptions> = typeof options === 'object' && options !== null ? options : {}
  if (typeof pool?.query !== 'function') throw new ConfigError('The option pool must be a Pool of pg: postgresStore({ pool }).')
  requireKnown('', options, { pool: true, namedStatements: true })
  if (typeof namedStatements !== 'boolean') throw new ConfigError('The option namedStatements must be true or false.')
  return { pool, namedStatements }
}

/** A key that PostgreSQL cannot hold is an error in its own place. */
async function getAll (
  prepared: PreparedStatements, keys: readonly string[]
): Promise<Array<Versioned | null | Error>> {
  const storable = keys.filter((key) => unstorableOf(key) === null)
  const { rows } = await prepared.run(statements.getAll, [storable])
  const found = new Map(rows.map((row) => [keyOf(row), toVersioned(row)]))
  return keys.map((key) => unstorableOf(key) ?? found.get(key) ?? null)
}

interface Write {
  key: string
  expected: string | null
  next: Entry | null
  version: string
}

/** @returns whether the record was written */
async function write (prepared: PreparedStatements, { key, expected, next, version }: Write): Promise<boolean> {
  const { rowCount } = next === null
    ? await prepared.run(statements.delete, [key, expected])
    : expected === null
      ? await prepared.run(statements.insert, [key, next.body, version, next.expiresAt])
      : await prepared.run(statements.update, [key, next.body, version, next.expiresAt, expected])
  return rowCount === 1
}
