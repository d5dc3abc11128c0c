import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Store } from '@miro-oauth/fastify'
import { migrate, postgresStore } from '@miro-oauth/postgres'
import { redisStore } from '@miro-oauth/redis'
import { startPostgres, startRedis, type TestServer } from '@miro-oauth/test-servers'
import { Redis } from 'ioredis'
import pg from 'pg'
import t, { type Test } from 'tap'
import { startScene } from '../fixtures/app.js'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
const hour = 3_600_000

/** A real store whose server can be made to refuse writes. */
interface Outage {
  store: Store
  server: TestServer
  refuseWrites: () => Promise<unknown>
  takeWrites: () => Promise<unknown>
}

const outages = { PostgreSQL: startPostgresOutage, Redis: startRedisOutage }

async function startPostgresOutage (t: Test): Promise<Outage | null> {
  const server = await startPostgres()
  if (server?.restart === undefined) return null
  const pool = new pg.Pool({ connectionString: server.url, connectionTimeoutMillis: 60_000, query_timeout: 60_000 })
  pool.on('error', () => {})
  t.teardown(async () => {
    await pool.end()
    await server.stop()
  })
  await migrate(pool)
  const setReadOnly = async (value: 'on' | 'off'): Promise<void> => {
    await pool.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`)
    await pool.query('SELECT pg_reload_conf()')
    while ((await pool.query('SHOW default_transaction_read_only')).rows[0].default_transaction_read_only !== value);
  }
  return { store: postgresStore({ pool }), server, refuseWrites: () => setReadOnly('on'), takeWrites: () => setReadOnly('off') }
}

async function startRedisOutage (t: Test): Promise<Outage | null> {
  const server = await startRedis()
  if (server?.restart === undefined) return null
  const client = new Redis(server.url, { maxRetriesPerRequest: 1, commandTimeout: 60_000, retryStrategy: () => 100 })
  client.on('error', () => {})
  t.teardown(async () => {
    client.disconnect()
    await server.stop()
  })
  // A server with fewer replicas than `min-replicas-to-write` refuses writes.
  const setReplicas = (count: number): Promise<unknown> => client.config('SET', 'min-replicas-to-write', String(count))
  return { store: redisStore({ client }), server, refuseWrites: () => setReplicas(1), takeWrites: () => setReplicas(0) }
}

for (const [name, start] of Object.entries(outages)) {
  t.test(`outage: while ${name} refuses writes, an unsaved pair is served from memory, and stored later`, async (t) => {
    const outage = await start(t)
    if (outage === null) return
    const { store, refuseWrites, takeWrites } = outage
    const { url, app, emulator, visitor, asked } = await startScene(t, {}, { store })
    await visitor.signIn(`${url}/auth/miro/login`)
    const { grant } = await visitor.json(`${url}/me`) as { grant: { userId: string, teamId: string } }
    emulator.clock.advance(hour)

    let answer = (): void => {}
    const delayed = emulator.faults.add({ on: 'token', do: 'delay', when: 'after', until: new Promise<void>((resolve) => { answer = resolve }) })
    const first = visitor.json(`${url}/token`)
    await delayed.hit
    await refuseWrites()
    answer()
    const { accessToken } = await first as { accessToken: string }
    t.ok(emulator.ledger.live(grant, emulator.miroClock.now()).some(({ id }) => id === emulator.ledger.pairOf(accessToken)?.id), 'the caller has the live token')
    const others = await Promise.all(Array.from({ length: 20 }, () => visitor.json(`${url}/token`)))
    t.strictSame(others, Array(20).fill({ accessToken }), 'all later callers have it too')
    t.notOk(await isStored(app.miro.auth.store), 'the store does not have it')
    await takeWrites()
    while (!await isStored(app.miro.auth.store)) await new Promise((resolve) => setTimeout(resolve, 50))
    t.strictSame(await visitor.json(`${url}/token`), { accessToken })
    t.equal(asked('POST', '/v1/oauth/token'), 2, 'Miro was asked for the code and one refresh only')

    /** Whether the record of the grant holds the new pair. */
    async function isStored (store: Store): Promise<boolean> {
      const record = await store.get(`miro:grant:${emulator.app.clientId}:${grant.userId}:${grant.teamId}`)
      return record?.body.includes(accessToken) === true
    }
  })

  t.test(`outage: ${name} is down, and requests get 503 MIRO_STORE without a leak or a lost grant`, async (t) => {
    const outage = await start(t)
    if (outage === null) return
    const { url, emulator, visitor, app, asked } = await startScene(t, {}, { store: outage.store })
    await visitor.signIn(`${url}/auth/miro/login`)
    const before = await visitor.json(`${url}/boards`)
    emulator.clock.advance(hour)
    const cookie = Array.from(visitor.cookies, ([name, value]) => `${name}=${value}`).join('; ')
    const ask = async (): Promise<void> => {
      const response = await app.inject({ url: '/boards', headers: { cookie, accept: 'application/json' } })
      if (response.statusCode !== 503 || response.json().code !== 'MIRO_STORE') throw new Error(`${response.statusCode} ${response.body}`)
    }
    await outage.server.restart?.(async () => {
      const askMany = async (rounds: number): Promise<void> => {
        for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: 100 }, ask))
      }
      await askMany(3)
      const used = usedHeap()
      await askMany(6)
      // The code that the engine compiles meanwhile takes up to a megabyte.
      t.ok(usedHeap() - used < 3_000_000, `600 failed requests leave ${usedHeap() - used} bytes behind`)
    })
    while ((await visitor.get(`${url}/boards`)).status === 503) await new Promise((resolve) => setTimeout(resolve, 50))
    t.strictSame(await visitor.json(`${url}/boards`), before, 'the session and the grant still work')
    t.equal(asked('POST', '/v1/oauth/token'), 2, 'Miro was asked for the code and one refresh only')
  })
}

function usedHeap (): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
