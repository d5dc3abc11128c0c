import { createRequire } from 'node:module'
import { missing } from './test-server.js'

/** What tests use of a connection, whichever library opened it. */
export interface SqliteConnection {
  exec: (sql: string) => unknown
  prepare: (sql: string) => {
    all: (values: Record<string, string | number | null>) => unknown[]
    run: (values: Record<string, string | number | null>) => { changes: number | bigint }
  }
  close: () => unknown
}

/** A library that reads and writes SQLite files. */
export interface SqliteLibrary {
  name: 'node:sqlite' | 'better-sqlite3'
  open: (file: string) => SqliteConnection
}

type Constructor = new (file: string) => SqliteConnection

/** The SQLite libraries of this machine: Node's own (22.13 or later), and better-sqlite3 where it was installed. */
export function sqliteLibraries (): SqliteLibrary[] {
  const found: SqliteLibrary[] = []
  const builtin = load('node:sqlite') as { DatabaseSync: Constructor } | null
  const Installed = load('better-sqlite3') as Constructor | null
  if (builtin !== null) found.push({ name: 'node:sqlite', open: (file) => new builtin.DatabaseSync(file) })
  if (Installed !== null) found.push({ name: 'better-sqlite3', open: (file) => new Installed(file) })
  if (found.length === 0) missing('sqlite', 'Node 22.13 or later has it; before that: npm install --no-save better-sqlite3, in test-servers')
  return found
}

/** `null`: it is not there, or its binary is of another Node. */
function load (name: string): unknown {
  try {
    const library: unknown = createRequire(import.meta.url)(name)
    if (typeof library === 'function') new (library as Constructor)(':memory:').close()
    return library
  } catch {
    return null
  }
}
