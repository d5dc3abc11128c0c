import { encryptedStore, type EncryptedStore } from '@miro-oauth/fastify'
import { migrate, postgresStore } from '@miro-oauth/postgres'
import pg from 'pg'

/**
 * Opens the store for all processes of an app: PostgreSQL, with every token encrypted.
 *
 * @param options.keys `name:key`; print one with `node -p "'k1:' + crypto.randomBytes(32).toString('base64url')"`
 */
export async function openStore ({ url, keys }: { url: string, keys: string }): Promise<{
  store: EncryptedStore
  close: () => Promise<void>
}> {
  const pool = new pg.Pool({
    connectionString: url, connectionTimeoutMillis: 3000, statement_timeout: 3000, query_timeout: 4000, keepAlive: true
  })
  // Without a listener, a database that goes away ends the process.
  pool.on('error', (error) => console.error('PostgreSQL:', error.message))
  await migrate(pool)
  return { store: encryptedStore(postgresStore({ pool }), { keys }), close: () => pool.end() }
}
