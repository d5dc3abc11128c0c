import { Redis } from 'ioredis'
import pg from 'pg'
import t from 'tap'
import { startPostgres, startRedis } from '../src/index.js'

t.test('test servers: PostgreSQL keeps acknowledged writes when it is killed and started again', async (t) => {
  const server = await startPostgres()
  if (server === null) return
  t.teardown(() => server.stop())
  await query(server.url, 'CREATE TABLE kept (number int)')
  await query(server.url, 'INSERT INTO kept VALUES (7)')
  await server.restart?.()
  t.strictSame(await query(server.url, 'SELECT number FROM kept'), [{ number: 7 }])
})

t.test('test servers: Redis keeps acknowledged writes when it is killed and started again', async (t) => {
  const server = await startRedis()
  if (server === null) return
  t.teardown(() => server.stop())
  const key = `miro:test:${process.pid}`
  const client = new Redis(server.url)
  client.on('error', () => {})
  t.teardown(() => client.disconnect())
  await client.set(key, '7', 'PX', 60_000)
  await server.restart?.()
  t.equal(await client.get(key), '7')
  await client.del(key)
})

async function query (url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(statement)
  await client.end()
  return rows
}
