export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js'
export { SqliteError } from './sqlite-error.js'
export { sqliteStore, type SqliteStoreOptions } from './sqlite-store.js'
export { sweep, type SweepOptions } from './sweep.js'
