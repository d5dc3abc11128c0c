import type { Store } from '@miro-oauth/core'
import type { StoreKind } from './store-kind.js'

/** A process's connections to the store. */
export interface OpenStore {
  /** The store of this repository, opened as its README says. */
  store: Store
  /** For the subjects that bring no store of their own: a text for each user, where the last write wins. */
  plain: PlainTexts
  close: () => Promise<void>
}

export interface PlainTexts {
  get: (userId: string) => Promise<string | null>
  set: (userId: string, text: string) => Promise<void>
  delete: (userId: string) => Promise<void>
}

const connectMs = 5000

/** @throws the server's error, such as that it refuses connections */
export function openStore (kind: StoreKind, url: string): Promise<OpenStore> {
  return openers[kind](url)
}

const openers: Record<StoreKind, (url: string) => Promise<OpenStore>> = {
  postgres: openPostgres, redis: openRedis, sqlite: openSqlite
}

// All import their client when they are called: a worker starts every two seconds, and loads only what it uses.
async function openPostgres (url: string): Promise<OpenStore> {
  const [{ default: pg }, { migrate, postgresStore }] = await Promise.all([
    import('pg'), import('@miro-oauth/postgres')
  ])
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: connectMs })
  // Without a listener, an idle connection that is cut ends the process.
  pool.on('error', () => {})
  await migrate(pool)
  await pool.query('CREATE TABLE IF NOT EXISTS plain_tokens (user_id text PRIMARY KEY, tokens text NOT NULL)')
  const select = 'SELECT tokens FROM plain_tokens WHERE user_id = $1'
  const upsert = 'INSERT INTO plain_tokens VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET tokens = excluded.tokens'
  return {
    store: postgresStore({ pool }),
    plain: {
      get: async (userId) => (await pool.query<{ tokens: string }>(select, [userId])).rows[0]?.tokens ?? null,
      async set (userId, text) { await pool.query(upsert, [userId, text]) },
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

/** @param file the path of the file */
async function openSqlite (file: string): Promise<OpenStore> {
  const [{ sqliteLibraries }, { sqliteStore }] = await Promise.all([
    import('@miro-oauth/test-servers/sqlite'), import('@miro-oauth/sqlite')
  ])
  const [library] = sqliteLibraries()
  if (library === undefined) throw new Error('There is no SQLite.')
  const database = library.open(file)
  const plain = library.open(file)
  plain.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  plain.exec('CREATE TABLE IF NOT EXISTS plain_tokens (user_id TEXT PRIMARY KEY, tokens TEXT NOT NULL)')
  const select = plain.prepare('SELECT tokens FROM plain_tokens WHERE user_id = $userId')
  const upsert = plain.prepare('INSERT OR REPLACE INTO plain_tokens VALUES ($userId, $text)')
  const remove = plain.prepare('DELETE FROM plain_tokens WHERE user_id = $userId')
  return {
    store: sqliteStore({ database }),
    plain: {
      get: async (userId) => (select.all({ userId })[0] as { tokens: string } | undefined)?.tokens ?? null,
      async set (userId, text) { upsert.run({ userId, text }) },
      async delete (userId) { remove.run({ userId }) }
    },
    async close () {
      database.close()
      plain.close()
    }
  }
}
