import { ConfigError, encryptedStore, type Store } from '@miro-oauth/fastify'
import { migrate, postgresStore } from '@miro-oauth/postgres'
import { redisStore } from '@miro-oauth/redis'
import { sqliteStore } from '@miro-oauth/sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { StoreConfig } from './config.js'
import type { CloseAtEnd } from './closable.js'
import { openDatabase, toFile } from './sqlite.js'
import { reasonOf, unusableStore } from './unusable-store.js'
import { VariableError } from './variable-error.js'

/** A store that several processes share and that outlives them. */
interface SharedStore {
  store: Store
  open: () => Promise<void>
  close: () => Promise<void>
}

/** How long the store may take to answer, in milliseconds. */
const timeoutMs = 5000

/**
 * Opens the PostgreSQL, Redis or SQLite file that STORE_URL names.
 *
 * @returns `undefined` without STORE_URL: the plugin then keeps everything in memory
 * @throws {VariableError} the store cannot be reached or opened
 * @throws {ConfigError} STORE_KEYS is wrong, or the store refuses the settings of its server
 */
export async function openStore (config: StoreConfig | null, closeAtEnd: CloseAtEnd): Promise<Store | undefined> {
  if (config === null) return undefined
  if (config.keys === undefined) {
    console.warn('STORE_KEYS is not set: tokens are stored as they are, ' +
      'and read access to the store is enough to act for every user in it.')
  }
  const shared = createStore(config)
  closeAtEnd(shared)
  await shared.open()
  return shared.store
}

/**
 * Creates the store, encrypted if there are keys. Its connection is not opened yet; a file is.
 *
 * @throws {VariableError} the file cannot be opened
 */
export function createStore ({ url, keys }: StoreConfig): SharedStore {
  const { store, open, close } = createPlain(url)
  return {
    store: keys === undefined ? store : encryptedStore(store, { keys }),
    async open () {
      try {
        await open()
        // A store checks the settings of its server when it is first asked.
        await store.get('miro:start')
      } catch (error) {
        if (error instanceof ConfigError) throw error
        throw new VariableError(unusableStore(error))
      }
    },
    close
  }
}

function createPlain (url: string): SharedStore {
  const file = toFile(url)
  if (file !== null) return createSqlite(file)
  return /^rediss?:/.test(url) ? createRedis(url) : createPostgres(url)
}

function createSqlite (file: string): SharedStore {
  const database = openDatabase(file)
  return { store: sqliteStore({ database }), open: async () => {}, close: async () => { database.close() } }
}

function createPostgres (url: string): SharedStore {
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + 1000
  })
  // Without a listener, a lost connection would end the process.
  pool.on('error', (error) => console.error(`PostgreSQL: ${reasonOf(error)}`))
  return { store: postgresStore({ pool }), open: () => migrate(pool), close: () => pool.end() }
}

function createRedis (url: string): SharedStore {
  const client = new Redis(url, {
    lazyConnect: true,
    // While Redis is away a command fails at once. By default ioredis would queue it until Redis is back.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // After a failover behind one address the connection would stay at the server that is a replica now.
    reconnectOnError: ({ message }) => message.startsWith('READONLY')
  })
  let isOpen = false
  let latest: unknown
  client.on('error', (error) => {
    latest = error
    if (isOpen) console.error(`Redis: ${reasonOf(error)}`)
  })
  return {
    store: redisStore({ client }),
    async open () {
      // The error that `connect` throws does not give the reason; the event before it does.
      await client.connect().catch(() => { throw latest })
      isOpen = true
    },
    close: async () => client.disconnect()
  }
}
