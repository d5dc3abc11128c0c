/**
 * What the server or the connection said, without what it said it about: the `detail` and `where` of an error of `pg` may
 * quote the row or the parameters, and with them tokens. Callers of this project's other packages find it as the `cause` of
 * a `MIRO_STORE` error.
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

/** What is safe to log of anything that was thrown. */
export function toPostgresError (thrown: unknown): PostgresError {
  if (!(thrown instanceof Error)) return new PostgresError('The pool threw something that is no error.')
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
  if (code === undefinedTable) {
    return new PostgresError('The table miro_records is missing: call migrate(pool) or run schema.sql, with the same search_path.', code)
  }
  // A host with several addresses fails with an AggregateError, which has a code and no message.
  return new PostgresError(thrown.message === '' ? code ?? thrown.name : thrown.message, code)
}

/** The server gave a statement up, wholly, for the sake of a concurrent one: `repeatable read` and `serializable` do. */
export function isConflict (error: unknown): boolean {
  return error instanceof PostgresError && (error.code === serializationFailure || error.code === deadlockDetected)
}
