import type { Store } from '@miro-oauth/core'
import type { StoreKind } from './store-kind.js'

/** A process's way to the store: as the store's README says, and as plain rows for those who bring no store of their own. */
export interface OpenStore {
  store: Store
  /** A text for each user, in a table or under a key of its own; the last write wins. */
  plain: PlainTexts
  close: () => Promise<void>
}

export interface PlainTexts {
  get: (userId: string) => Promise<string | null>
  set: (userId: string, text: string) => Promise<void>
  delete: (userId: string) => Promise<void>
}

const connectMs = 5000

/** @throws what the server says, where the tables cannot be made */
export function openStore (kind: StoreKind, url: string): Promise<OpenStore> {
  return kind === 'postgres' ? openPostgres(url) : openRedis(url)
}

// Each loads no more than its own: a process starts every two seconds.
async function openPostgres (url: string): Promise<OpenStore> {
  const [{ default: pg }, { migrate, postgresStore }] = await Promise.all([import('pg'), import('@miro-oauth/postgres')])
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: connectMs })
  // Without a listener, a connection that is cut while it is idle ends the process.
  pool.on('error', () => {})
  await migrate(pool)
  await pool.query('CREATE TABLE IF NOT EXISTS plain_tokens (user_id text PRIMARY KEY, tokens text NOT NULL)')
  return {
    store: postgresStore({ pool }),
    plain: {
      async get (userId) {
        const { rows } = await pool.query<{ tokens: string }>('SELECT tokens FROM plain_tokens WHERE user_id = $1', [userId])
        return rows[0]?.tokens ?? null
      },
      async set (userId, text) {
        await pool.query('INSERT INTO plain_tokens VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET tokens = excluded.tokens', [userId, text])
      },
      async delete (userId) { await pool.query('DELETE FROM plain_tokens WHERE user_id = $1', [userId]) }
    },
    close: () => pool.end()
  }
}

async function openRedis (url: string): Promise<OpenStore> {
  const [{ Redis }, { redisStore }] = await Promise.all([import('ioredis'), import('@miro-oauth/redis')])
  const client = new Redis(url, { connectTimeout: connectMs, maxRetriesPerRequest: 3 })
  client.on('error', () => {})
  const keyOf = (userId: string): string => `plain:${userId}`
  return {
    store: redisStore({ client }),
    plain: {
      get: (userId) => client.get(keyOf(userId)),
      async set (userId, text) { await client.set(keyOf(userId), text) },
      async delete (userId) { await client.del(keyOf(userId)) }
    },
    close: async () => { client.disconnect() }
  }
}
