/**
 * The message and the code of an error of the server or the connection. The `detail` and `where` of an error of `pg`
 * are left out, and so are messages of triggers and about values: they may quote the row or the parameters, and with
 * them tokens. In the other packages this error is the `cause` of a `MIRO_STORE`.
 */
export class PostgresError extends Error {
  /** The SQLSTATE, or the code of the network error, if there is one. */
  declare readonly code?: string

  constructor (message: string, code?: string) {
    super(message)
    this.name = 'PostgresError'
    if (code !== undefined) this.code = code
  }
}

const undefinedTable = '42P01'
const serializationFailure = '40001'
const deadlockDetected = '40P01'
const idleSessionTimeout = '57P05'

/** Keeps of a thrown value what is safe to log. */
export function toPostgresError (thrown: unknown): PostgresError {
  if (!(thrown instanceof Error)) return new PostgresError('The pool threw something that is no error.')
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
  if (mayQuoteRow(thrown, code)) {
    return new PostgresError('The database refused the row: by a trigger, constraint or type that is not of this package.', code)
  }
  if (code === undefinedTable) {
    const message = 'The table miro_records is missing: call migrate(pool) or run schema.sql, with the same search_path.'
    return new PostgresError(message, code)
  }
  // A host with several addresses fails with an AggregateError, which has a code and no message.
  return new PostgresError(thrown.message === '' ? code ?? thrown.name : thrown.message, code)
}

/**
 * Whether a message is not of the server's own words: `RAISE` of a trigger, what fails inside of a function, and data
 * exceptions (class 22), which quote the value. The name of the C function and `PL/` are the same in every language.
 */
function mayQuoteRow (error: Error, code = ''): boolean {
  const { routine, where } = error as { routine?: unknown, where?: unknown }
  return /^(?:22|P0)/.test(code) || routine === 'exec_stmt_raise' || (typeof where === 'string' && where.includes('PL/'))
}

/**
 * Whether a statement has changed nothing: the server rolled it back because of a concurrent one, as under `repeatable
 * read` and `serializable`, or it met a connection that the server had just closed as idle.
 */
export function hasChangedNothing ({ code }: PostgresError): boolean {
  return code === serializationFailure || code === deadlockDetected || code === idleSessionTimeout
}
