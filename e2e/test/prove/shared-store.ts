import { randomBytes } from 'node:crypto'
import { createEmulator, type Emulator } from '@miro-oauth/emulator'
import { freePort, startPostgres, startRedis, type TestServer } from '@miro-oauth/test-servers'
import { Redis } from 'ioredis'
import pg from 'pg'
import t, { type Test } from 'tap'
import { startExample } from '../fixtures/server.js'
import { Visitor } from '../fixtures/visitor.js'

const kinds = {
  PostgreSQL: { start: startPostgres, read: readPostgres, isEncrypted: true },
  Redis: { start: startRedis, read: readRedis, isEncrypted: false }
}

/** The whole contents of a store, as text. */
async function readPostgres (url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('SELECT * FROM miro_records')
  await client.end()
  return JSON.stringify(rows)
}

async function readRedis (url: string): Promise<string> {
  const client = new Redis(url)
  try {
    const keys = await client.keys('miro:*')
    return JSON.stringify([keys, await client.mget(keys)])
  } finally {
    client.disconnect()
  }
}

/** Miro, and the environment of an example that has a store. */
async function prepare (t: Test, server: TestServer): Promise<{
  emulator: Emulator
  port: number
  env: Record<string, string>
}> {
  t.teardown(() => server.stop())
  const port = await freePort()
  const redirectUri = `http://localhost:${port}/auth/miro/callback`
  const emulator = await createEmulator({ seed: { app: { redirectUris: [redirectUri] } } })
  t.teardown(() => emulator.close())
  const env = {
    MIRO_CLIENT_ID: emulator.app.clientId,
    MIRO_CLIENT_SECRET: emulator.app.clientSecret,
    MIRO_REDIRECT_URI: redirectUri,
    MIRO_AUTHORIZE_URL: emulator.authorizeUrl,
    MIRO_API_URL: emulator.apiUrl,
    COOKIE_SECRET: 'a secret of the tests, and of nothing else',
    STORE_URL: server.url
  }
  return { emulator, port, env }
}

for (const [name, { start, read, isEncrypted }] of Object.entries(kinds)) {
  t.test(`example server: on ${name} it is killed and started again, and its users stay signed in`, async (t) => {
    const server = await start()
    if (server === null) return
    const { emulator, port, env: plain } = await prepare(t, server)
    const env = isEncrypted ? { ...plain, STORE_KEYS: `k1:${randomBytes(32).toString('base64url')}` } : plain
    const first = await startExample(t, { port, env })
    t.equal(/^STORE_KEYS is not set: /m.test(first.output()), !isEncrypted, 'it warns if tokens are stored in plain text')
    const visitor = new Visitor()
    await visitor.signIn(`${first.url}/auth/miro/login?returnTo=/boards`)
    t.match((await visitor.get(`${first.url}/boards`)).text, 'Onboarding journey')
    await first.kill()

    const second = await startExample(t, { port, env })
    const boards = await visitor.get(`${second.url}/boards`)
    t.equal(boards.status, 200, 'still signed in')
    t.match(boards.text, 'Onboarding journey')
    t.equal(emulator.log.filter(({ path }) => path === '/v1/oauth/token').length, 1, 'and Miro was asked for tokens once')
    const stored = await read(server.url)
    t.match(stored, `miro:grant:${emulator.app.clientId}:`)
    t.equal(stored.includes('accessToken'), !isEncrypted, 'tokens are readable in the store only without STORE_KEYS')
  })
}
