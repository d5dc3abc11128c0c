/**
 * What this package uses of a `Pool` of `pg`: one statement, on whatever connection is free.
 *
 * @see https://node-postgres.com/apis/pool#poolquery
 */
export interface PostgresPool {
  query: (text: string, values?: unknown[]) => Promise<{ rows: unknown[], rowCount: number | null }>
}
