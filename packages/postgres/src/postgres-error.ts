/**
 * The message and the code of an error of the server or the connection. The `detail` and `where` of an error of `pg`
 * are left out: they may quote the row or the parameters, and with them tokens. In the other packages this error is the
 * `cause` of a `MIRO_STORE`.
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

/** Keeps of a thrown value what is safe to log. */
export function toPostgresError (thrown: unknown): PostgresError {
  if (!(thrown instanceof Error)) return new PostgresError('The pool threw something that is no error.')
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
  if (code === undefinedTable) {
    const message = 'The table miro_records is missing: call migrate(pool) or run schema.sql, with the same search_path.'
    return new PostgresError(message, code)
  }
  // A host with several addresses fails with an AggregateError, which has a code and no message.
  return new PostgresError(thrown.message === '' ? code ?? thrown.name : thrown.message, code)
}

/**
 * Whether the server rolled a statement back because of a concurrent one, as under `repeatable read` and
 * `serializable`.
 */
export function isConflict (error: unknown): boolean {
  return error instanceof PostgresError && (error.code === serializationFailure || error.code === deadlockDetected)
}
