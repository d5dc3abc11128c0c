import { createMiroAuth, encryptedStore, type MiroAuth } from '@miro-oauth/core'
import { postgresStore } from '@miro-oauth/postgres'
import pg from 'pg'

/** What the routes act with. */
export interface Miro {
  auth: MiroAuth
  /** That of `/miro/callback`, identical in Miro's app settings. */
  redirectUri: string
}

// A hot reload runs this module again, and each route may have a copy of it: `globalThis` is what they share.
const kept = globalThis as typeof globalThis & { miro?: Miro }

/** The one of this process, made when the first request needs it: `next build` loads the routes without secrets. */
export function miro (): Miro {
  kept.miro ??= createMiro()
  return kept.miro
}

function createMiro (): Miro {
  const {
    MIRO_CLIENT_ID: clientId, MIRO_CLIENT_SECRET: clientSecret, MIRO_REDIRECT_URI: redirectUri,
    STORE_URL: connectionString, STORE_KEYS: keys
  } = process.env
  if (redirectUri === undefined) throw new Error('MIRO_REDIRECT_URI is missing.')
  // Functions are many processes, and each begins without memory: they need a store that all of them share.
  const pool = new pg.Pool({
    connectionString,
    max: 3,
    connectionTimeoutMillis: 3000,
    statement_timeout: 3000,
    query_timeout: 4000,
    keepAlive: true
  })
  pool.on('error', (error) => console.error('PostgreSQL:', error.message))
  const store = encryptedStore(postgresStore({ pool }), { keys })
  return { auth: createMiroAuth({ clientId, clientSecret, store }), redirectUri }
}
