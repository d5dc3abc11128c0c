import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { SqliteDatabase } from '@miro-oauth/sqlite'
import { VariableError } from './variable-error.js'

type Database = SqliteDatabase & { close: () => unknown }
type Constructor = new (file: string) => Database

/** The path that `file:miro.db`, `file:/data/miro.db` or `file:///data/miro.db` names; `null`: it names none. */
export function toFile (url: string): string | null {
  // Escapes, a host and SQLite's parameters (`?mode=ro`) are refused: as a part of the name they would go unnoticed.
  return /^file:(?:\/\/(?=\/))?((?!\/\/)[^?#%]+)$/.exec(url)?.[1] ?? null
}

/**
 * Opens a file by the SQLite of Node (22.13 or later), or of `better-sqlite3`. A file that does not exist is created,
 * and is this user's alone.
 *
 * @throws {VariableError} there is neither, or the file cannot be opened
 */
export function openDatabase (file: string): Database {
  const { open } = findLibrary()
  try {
    if (file !== ':memory:') createForItsUser(file)
    return open(file)
  } catch {
    throw new VariableError('STORE_URL: the file cannot be opened. Does its folder exist, and may this process write to it?')
  }
}

/** SQLite would have the umask decide who may read it. The files that it keeps beside it get the same rights. */
function createForItsUser (file: string): void {
  closeSync(openSync(file, 'a', 0o600))
}

function findLibrary (): { open: (file: string) => Database } {
  const builtin = process.getBuiltinModule('node:sqlite') as { DatabaseSync: Constructor } | undefined
  if (builtin !== undefined) return { open: (file) => new builtin.DatabaseSync(file) }
  try {
    const Installed = createRequire(import.meta.url)('better-sqlite3') as Constructor
    return { open: (file) => new Installed(file) }
  } catch {
    throw new VariableError('STORE_URL: a file needs Node 22.13 or later, or: npm install better-sqlite3')
  }
}
