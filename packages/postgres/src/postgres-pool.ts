/** One statement: with a `name` each connection has the server parse it once, and not anew for every call. */
export interface PostgresStatement {
  name?: string
  text: string
  values?: unknown[]
}

/**
 * The part of a `Pool` of `pg` that this package uses: one statement, on any free connection.
 *
 * @see https://node-postgres.com/features/queries#prepared-statements
 */
export interface PostgresPool {
  query: (statement: PostgresStatement) => Promise<{ rows: unknown[], rowCount: number | null }>
}
