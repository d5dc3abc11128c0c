/**
 * What failed, as a fixed text and a code. The message of the library is left out: a trigger of the app may put a row
 * into it, and with it tokens. In the other packages this error is the `cause` of a `MIRO_STORE`.
 */
export class SqliteError extends Error {
  /** The primary result code of SQLite such as `SQLITE_BUSY`, or the code of the library's own error, if any. */
  declare readonly code?: string

  constructor (message: string, code?: string) {
    super(message)
    this.name = 'SqliteError'
    if (code !== undefined) this.code = code
  }
}

/** @see https://www.sqlite.org/rescode.html */
const results: Record<number, [code: string, message: string]> = {
  1: ['SQLITE_ERROR', 'SQLite refused the statement: is miro_records another table than that of this package?'],
  3: ['SQLITE_PERM', 'The process may not use the file.'],
  5: ['SQLITE_BUSY', 'Another connection kept the file locked for too long.'],
  6: ['SQLITE_LOCKED', 'Another statement of the same connection kept the table locked for too long.'],
  8: ['SQLITE_READONLY', 'The file or its folder may only be read.'],
  10: ['SQLITE_IOERR', 'The disk failed to read or write.'],
  11: ['SQLITE_CORRUPT', 'The file is damaged.'],
  13: ['SQLITE_FULL', 'The disk is full, or the file has reached its page limit.'],
  14: ['SQLITE_CANTOPEN', 'The file, or one that SQLite keeps beside it, cannot be opened.'],
  18: ['SQLITE_TOOBIG', 'The record is too long for SQLite.'],
  19: ['SQLITE_CONSTRAINT', 'A constraint or trigger that is not of this package refused the record.'],
  26: ['SQLITE_NOTADB', 'The file is no SQLite database.']
}

/** Keeps of a thrown value what is safe to log. */
export function toSqliteError (thrown: unknown): SqliteError {
  if (thrown instanceof SqliteError) return thrown
  const code = codeOf(thrown)
  const known = Object.values(results).find(([name]) => name === code)
  return new SqliteError(known?.[1] ?? 'SQLite failed: is the connection open?', code)
}

/** Whether another connection was at the file. The statement has then changed nothing. */
export function isBusy ({ code }: SqliteError): boolean {
  return code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED'
}

/** `node:sqlite` gives a number, and `better-sqlite3` a name; both may be extended, as in `SQLITE_IOERR_WRITE`. */
function codeOf (thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  if ('errcode' in thrown && typeof thrown.errcode === 'number') {
    return results[thrown.errcode & 0xff]?.[0] ?? `SQLITE_${thrown.errcode}`
  }
  if (!('code' in thrown) || typeof thrown.code !== 'string') return undefined
  return /^SQLITE_[A-Z]+/.exec(thrown.code)?.[0] ?? thrown.code
}
