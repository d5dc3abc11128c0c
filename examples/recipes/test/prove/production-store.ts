import { randomBytes } from 'node:crypto'
import { startPostgres } from '@miro-oauth/test-servers'
import pg from 'pg'
import t from 'tap'
import { openStore } from '../../src/production-store.js'
import { exchange, startApp, startEmulator } from '../fixtures/world.js'

t.test('production store: a grant outlives its process, and its tokens are encrypted', async (t) => {
  const server = await startPostgres()
  if (server === null) return
  t.teardown(() => server.stop())
  const keys = `k1:${randomBytes(32).toString('base64url')}`
  const emulator = await startEmulator(t)
  const first = await openStore({ url: server.url, keys })
  const app = await startApp(t, emulator, { miro: { store: first.store } })
  const { grant } = await app.miro.auth.connect(await exchange(emulator))
  const token = await app.miro.auth.accessToken(grant)
  await app.close()
  await first.close()

  const second = await openStore({ url: server.url, keys })
  t.teardown(() => second.close())
  const later = await startApp(t, emulator, { miro: { store: second.store } })
  t.equal(await later.miro.auth.accessToken(grant), token)
  const client = new pg.Client(server.url)
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query<{ body: string }>('SELECT body FROM miro_records')
  t.ok(rows.length > 0)
  t.notOk(rows.some(({ body }) => body.includes(token) || body.includes(grant.userId)))
})
