/**
 * The part of a `Pool` of `pg` that this package uses: one statement, on any free connection.
 *
 * @see https://node-postgres.com/apis/pool#poolquery
 */
export interface PostgresPool {
  query: (text: string, values?: unknown[]) => Promise<{ rows: unknown[], rowCount: number | null }>
}
