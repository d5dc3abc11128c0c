import { ConfigError, encryptedStore, type Store } from '@miro-oauth/fastify'
import { migrate, postgresStore } from '@miro-oauth/postgres'
import { redisStore } from '@miro-oauth/redis'
import { Redis } from 'ioredis'
import pg from 'pg'
import { VariableError, type StoreConfig } from './config.js'
import { codeOf } from './environment.js'

/** A store that several processes share and that outlives them. */
export interface SharedStore {
  store: Store
  /** @throws {VariableError} it cannot be reached */
  open: () => Promise<void>
  close: () => Promise<void>
}

/** How long the store may take to answer, in milliseconds. */
const patienceMs = 5000

/** The PostgreSQL or Redis that STORE_URL names, under the keys of STORE_KEYS. Nothing is opened yet. */
export function createStore ({ url, keys }: StoreConfig): SharedStore {
  const { store, open, close } = /^rediss?:/.test(url) ? createRedis(url) : createPostgres(url)
  return {
    store: keys === undefined ? store : encryptedStore(store, { keys }),
    async open () {
      try {
        await open()
        // A store that is set up wrongly says so when it is first asked.
        await store.get('miro:start')
      } catch (error) {
        throw error instanceof ConfigError ? error : new VariableError(`STORE_URL: the store cannot be used (${reasonOf(error)}).`)
      }
    },
    close
  }
}

function createPostgres (url: string): SharedStore {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: patienceMs, statement_timeout: patienceMs, query_timeout: patienceMs + 1000 })
  // Without a listener, a server that goes away would take the process along.
  pool.on('error', (error) => console.error(`PostgreSQL: ${reasonOf(error)}`))
  return { store: postgresStore({ pool }), open: () => migrate(pool), close: () => pool.end() }
}

function createRedis (url: string): SharedStore {
  // Whoever asks while Redis is away is told at once: ioredis would keep the question until it is back.
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: patienceMs,
    commandTimeout: patienceMs,
    socketTimeout: patienceMs
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
      // What `connect` throws does not say why.
      await client.connect().catch(() => { throw latest })
      isOpen = true
    },
    close: async () => client.disconnect()
  }
}

/** A word for the log that holds no address and no password. */
function reasonOf (error: unknown): string {
  return codeOf(error) || (error instanceof Error ? error.name : 'unknown')
}
