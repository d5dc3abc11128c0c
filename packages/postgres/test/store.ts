import { setTimeout as delay } from 'node:timers/promises'
import { storeContract } from '@miro-oauth/core/testing'
import { startPostgres } from '@miro-oauth/test-servers'
import pg from 'pg'
import t from 'tap'
import { migrate, postgresStore } from '../src/index.js'

const server = await startPostgres()
if (server === null) process.exit(0)
t.teardown(() => server.stop())

for (const isolation of ['read committed', 'repeatable read', 'serializable']) {
  t.test(`keeps the store contract under ${isolation}:`, async (t) => {
    const pool = new pg.Pool({ connectionString: server.url, max: 20, options: `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}` })
    t.teardown(() => pool.end())
    await Promise.all(Array.from({ length: 8 }, () => migrate(pool)))
    const setup = async () => {
      await pool.query('DELETE FROM miro_records')
      return { store: postgresStore({ pool }), wait: (ms: number) => delay(ms) }
    }
    for (const { name, run } of storeContract(setup)) await t.test(name, run)
  })
}
