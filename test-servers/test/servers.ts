import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { platform } from 'node:os'
import { Redis } from 'ioredis'
import pg from 'pg'
import t from 'tap'
import { GivenServerError, startPostgres, startRedis } from '../src/index.js'

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

t.test('test servers: a process that is interrupted leaves neither a server nor its folder behind', async (t) => {
  const folder = t.testdir()
  const script = `
    const { startPostgres, startRedis } = await import(${JSON.stringify(import.meta.resolve('../src/index.js'))})
    await Promise.all([startPostgres(), startRedis()])
    console.log('started')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, TMPDIR: folder } })
  const closed = once(child, 'close')
  for await (const said of child.stdout) if (String(said).includes('started')) break
  t.ok(readdirSync(folder).length > 0)
  child.kill('SIGINT')
  t.equal((await closed)[0], 130)
  t.strictSame(readdirSync(folder).filter((name) => !name.includes(platform())), [], 'but for the copy of the programs')
})

async function query (url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(statement)
  await client.end()
  return rows
}

t.test('test servers: a variable that names no server that answers is told by its name, at once', async (t) => {
  const before = { ...process.env }
  t.teardown(() => { process.env = before })
  const refused = (name: string): string => `${name}: the server cannot be used (ECONNREFUSED). Is it running, and is the address right?`
  const cases: Array<[name: 'DATABASE_URL' | 'REDIS_URL', value: string, message: string]> = [
    ['DATABASE_URL', 'planted', 'DATABASE_URL must be a URL that begins with postgres:// or postgresql://.'],
    ['DATABASE_URL', 'postgres://miro:planted@127.0.0.1:9/planted', refused('DATABASE_URL')],
    ['REDIS_URL', 'planted:6379', 'REDIS_URL must be a URL that begins with redis:// or rediss://.'],
    ['REDIS_URL', 'redis://:planted@127.0.0.1:9', refused('REDIS_URL')]
  ]
  for (const [name, value, message] of cases) {
    process.env[name] = value
    const error: unknown = await (name === 'REDIS_URL' ? startRedis() : startPostgres()).catch((error: unknown) => error)
    t.ok(error instanceof GivenServerError)
    t.match(error, { message })
  }
})
