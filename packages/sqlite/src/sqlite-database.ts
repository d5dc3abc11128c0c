import { ConfigError } from '@miro-oauth/core'

/** What this package binds to a statement. */
export type SqliteValue = string | number | null

/** The part of a prepared statement that this package uses. Values are bound by name. */
export interface SqliteStatement {
  all: (values: Record<string, SqliteValue>) => unknown[]
  run: (values: Record<string, SqliteValue>) => { changes: number | bigint }
}

/**
 * The part of a connection that this package uses: a `DatabaseSync` of `node:sqlite`, or a `Database` of
 * `better-sqlite3`.
 *
 * @see https://nodejs.org/api/sqlite.html#class-databasesync
 * @see https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md
 */
export interface SqliteDatabase {
  exec: (sql: string) => unknown
  prepare: (sql: string) => SqliteStatement
  /** Of `node:sqlite`: whether a transaction is open. */
  readonly isTransaction?: boolean
  /** Of `better-sqlite3`: the same. */
  readonly inTransaction?: boolean
}

/** @throws {ConfigError} it is no connection */
export function requireDatabase (database: unknown): SqliteDatabase {
  if (isDatabase(database)) return database
  throw new ConfigError('The option database must be a DatabaseSync of node:sqlite or a Database of better-sqlite3.')
}

function isDatabase (database: unknown): database is SqliteDatabase {
  return typeof database === 'object' && database !== null &&
    ['exec', 'prepare'].every((name) => typeof Reflect.get(database, name) === 'function')
}
