import { randomUUID } from 'node:crypto'
import { ConfigError, type Entry, type Store, type Versioned } from '@miro-oauth/core'
import { requireKnown } from '@miro-oauth/core/internal'
import { Connection, isLive, nowMs } from './connection.js'
import { columns, toVersioned } from './record-row.js'
import { scan } from './scan.js'
import { requireDatabase, type SqliteDatabase } from './sqlite-database.js'
import { assertInstant, assertStorable } from './storable.js'

/** Settings of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * A `DatabaseSync` of `node:sqlite` or a `Database` of `better-sqlite3` that nothing but this package uses. The app
   * closes it.
   */
  database: SqliteDatabase
  /** How long a call waits, about, while another connection has the file locked, in milliseconds. Default 5000. */
  busyTimeoutMs?: number | undefined
}

const statements = {
  get: `SELECT ${columns} FROM miro_records WHERE key = $key AND ${isLive}`,
  insert: `INSERT INTO miro_records (key, body, version, expires_at, written_at)
    VALUES ($key, $body, $version, $expiresAt, ${nowMs})
    ON CONFLICT (key) DO UPDATE
    SET body = excluded.body, version = excluded.version, expires_at = excluded.expires_at, written_at = excluded.written_at
    WHERE miro_records.expires_at <= ${nowMs}`,
  update: `UPDATE miro_records SET body = $body, version = $version, expires_at = $expiresAt, written_at = ${nowMs}
    WHERE key = $key AND version = $expected AND ${isLive}`,
  delete: `DELETE FROM miro_records WHERE key = $key AND version = $expected AND ${isLive}`
}

/**
 * Keeps everything in the table `miro_records` of a SQLite file (SQLite 3.24 or later), which its first call creates.
 * Several processes of one machine may use the file at once.
 *
 * A call is one statement in autocommit, and a failed `cas` one more. Expiry and age are measured by the machine's
 * clock.
 *
 * @throws {ConfigError} at once: `database` or `busyTimeoutMs` is something else
 * @throws {SqliteError} from its methods: the file is locked, full, damaged or may only be read
 * @throws {TypeError} from its methods: a text with NUL or half a surrogate pair, or an expiry that is NaN
 */
export function sqliteStore (options: SqliteStoreOptions): Store {
  const connection = openConnection(options)
  async function get (key: string): Promise<Versioned | null> {
    assertStorable(key)
    const [row] = await connection.rows(statements.get, { key })
    return toVersioned(row)
  }

  return {
    get,

    async cas (key, expected, next) {
      assertStorable(key, expected, next?.body)
      assertInstant(next?.expiresAt ?? null)
      const version = randomUUID()
      const isDone = expected === null && next === null
        ? await get(key) === null
        : await write(connection, { key, expected, next, version })
      return isDone ? { ok: true, version } : { ok: false, current: await get(key) }
    },

    scan: (query) => scan(connection, query)
  }
}

/** @throws {ConfigError} */
function openConnection (options: SqliteStoreOptions): Connection {
  const { database, busyTimeoutMs = 5000 }: Partial<SqliteStoreOptions> = typeof options === 'object' && options !== null ? options : {}
  const connected = requireDatabase(database)
  requireKnown('', options, { database: true, busyTimeoutMs: true })
  // Core gives up a call after 10 seconds; a write that waited longer would come as a surprise.
  if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 0 || busyTimeoutMs >= 10_000) {
    throw new ConfigError('The option busyTimeoutMs must be a whole number from 0 to 9999.')
  }
  return new Connection(connected, { busyTimeoutMs })
}

interface Write {
  key: string
  expected: string | null
  next: Entry | null
  version: string
}

/** @returns whether the record was written */
async function write (connection: Connection, { key, expected, next, version }: Write): Promise<boolean> {
  if (next === null) return await connection.changes(statements.delete, { key, expected }) === 1
  // Named one by one: `node:sqlite` refuses a value that the statement does not name.
  const row = { key, body: next.body, version, expiresAt: next.expiresAt }
  const changes = expected === null
    ? await connection.changes(statements.insert, row)
    : await connection.changes(statements.update, { ...row, expected })
  return changes === 1
}
