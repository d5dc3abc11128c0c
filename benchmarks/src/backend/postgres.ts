import { migrate, postgresStore } from '@miro-oauth/postgres'
import pg from 'pg'
import type { Backend } from './backend.js'

const select = 'SELECT text FROM texts WHERE id = $1'

/** A pool of ten connections: the default of `pg`. */
export async function openPostgres (url: string): Promise<Backend> {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  await migrate(pool)
  await pool.query('CREATE TABLE IF NOT EXISTS texts (id text PRIMARY KEY, text text NOT NULL)').catch(ignoreRace)
  const first = ({ rows: [row] }: { rows: Array<{ text: string }> }): string | null => row?.text ?? null
  return {
    kind: 'postgres',
    store: postgresStore({ pool }),
    texts: {
      get: async (id) => first(await pool.query(select, [id])),
      set: async (id, text) => {
        await pool.query('INSERT INTO texts VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET text = excluded.text', [id, text])
      },
      delete: async (id) => { await pool.query('DELETE FROM texts WHERE id = $1', [id]) }
    },
    getPrepared: async (id) => first(await pool.query({ name: 'texts', text: select, values: [id] })),
    clear: async () => { await pool.query('TRUNCATE miro_records, texts') },
    bytes: async () => {
      const { rows: [row] } = await pool.query('SELECT pg_total_relation_size(\'miro_records\') AS bytes')
      return Number(row.bytes)
    },
    close: () => pool.end()
  }
}

/** Two processes that create the same table at once collide in the catalogue. */
function ignoreRace (error: unknown): void {
  if (!(error instanceof Error && 'code' in error && (error.code === '23505' || error.code === '42P07'))) throw error
}
