import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { migrate, postgresStore, sweep, type PostgresPool } from '../src/index.js'
import { schema } from '../src/schema.js'
import { poolOf, startServer } from './fixtures/database.js'

const server = await startServer(t)
const pool = poolOf(t, server)
const store = postgresStore({ pool })

/** The table as the catalog describes it: columns with their types and collations, storage, indexes. */
async function describeTable (): Promise<unknown> {
  const { rows } = await pool.query(`SELECT
    (SELECT json_agg(json_build_array(attname, atttypid::regtype, attnotnull, attcollation::regcollation) ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'miro_records'::regclass AND attnum > 0) AS columns,
    (SELECT reloptions FROM pg_class WHERE oid = 'miro_records'::regclass) AS options,
    (SELECT json_agg(pg_get_indexdef(indexrelid) ORDER BY indexrelid) FROM pg_index WHERE indrelid = 'miro_records'::regclass) AS indexes`)
  return rows[0]
}

t.test('migrate: migrate and schema.sql create the same table', async (t) => {
  await pool.query(await readFile('schema.sql', 'utf8'))
  const bySchema = await describeTable()
  t.match(bySchema, { columns: [['key', 'text', true, '"C"'], ['body'], ['version'], ['expires_at', 'double precision', false], ['written_at']], options: ['fillfactor=70'] })
  await pool.query('DROP TABLE miro_records')
  await migrate(pool)
  t.strictSame(await describeTable(), bySchema)
  t.equal(schema, await readFile('schema.sql', 'utf8'))
})

t.test('migrate: eight processes may migrate at once, and again later', async (t) => {
  for (const isolation of ['read committed', 'repeatable read', 'serializable'] as const) {
    const pools = Array.from({ length: 8 }, () => poolOf(t, server, { isolation, max: 1 }))
    await Promise.all(pools.map((pool) => pool.query('SELECT')))
    for (let round = 0; round < 3; round++) {
      await pool.query('DROP TABLE IF EXISTS miro_records')
      await t.resolves(Promise.all(pools.map((pool) => migrate(pool))), isolation)
    }
    await store.cas('a', null, { body: 'one', expiresAt: null })
    await Promise.all(pools.map((pool) => migrate(pool)))
    t.equal((await store.get('a'))?.body, 'one', 'rows are kept')
  }
})

t.test('migrate: a table of before gets the index on grants', async (t) => {
  await migrate(pool)
  const whole = await describeTable()
  await pool.query('DROP INDEX miro_records_grants')
  t.notSame(await describeTable(), whole)
  await migrate(pool)
  t.same(await describeTable(), whole)
})

t.test('migrate: the statement of the README creates the same index, which migrate then finds', async (t) => {
  await migrate(pool)
  const whole = await describeTable()
  const [statement = ''] = /CREATE INDEX CONCURRENTLY [^]*?;(?=\n)/.exec(await readFile('README.md', 'utf8')) ?? []
  await pool.query('DROP INDEX miro_records_grants')
  await pool.query(statement)
  t.same(await describeTable(), whole)
  const asked: string[] = []
  await migrate({ query: async (query) => { asked.push(query.text); return pool.query(query) } })
  t.equal(asked.length, 1)
})

t.test('migrate: an index whose making was cut off is told by a warning, as it would stay unused', async (t) => {
  await migrate(pool)
  const setValid = (valid: boolean): Promise<unknown> => pool.query("UPDATE pg_index SET indisvalid = $1 WHERE indexrelid = 'miro_records_grants'::regclass", [valid])
  await setValid(false)
  const warned = once(process, 'warning')
  await migrate(pool)
  t.match(await warned, [{ code: 'MIRO_POSTGRES_SCHEMA', message: /miro_records_grants is not valid/ }])
  await setValid(true)
})

t.test('migrate: if the table exists, migrate needs no right to create, and waits for no lock', async (t) => {
  await migrate(pool)
  const role = `miro_test_${randomBytes(6).toString('hex')}`
  await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'app'; REVOKE CREATE ON SCHEMA public FROM public; GRANT SELECT, INSERT, UPDATE, DELETE ON miro_records TO ${role}`)
  t.teardown(() => pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`))
  const url = Object.assign(new URL(server.url), { username: role, password: 'app' })
  const limited = poolOf(t, server, { connectionString: url.href })
  const busy = await pool.connect()
  await busy.query('BEGIN; LOCK TABLE miro_records IN ROW EXCLUSIVE MODE')
  await t.resolves(migrate(limited))
  const byApp = postgresStore({ pool: limited })
  const inserted = await byApp.cas('b', null, { body: 'one', expiresAt: 1 })
  t.ok(inserted.ok)
  t.equal(await sweep(limited), 1)
  await busy.query('COMMIT; DROP INDEX miro_records_grants')
  const warned = once(process, 'warning')
  await t.resolves(migrate(limited), 'of an older version, without an index')
  t.match(await warned, [{ code: 'MIRO_POSTGRES_SCHEMA' }])
  await busy.query('DROP TABLE miro_records')
  await t.rejects(migrate(limited), { name: 'PostgresError', code: '42501' })
  busy.release()
  await migrate(pool)
})

t.test('sweep: it removes expired rows only, the oldest first, up to its limit', async (t) => {
  await fill({ expired: 2500, alive: 10 })
  t.equal(await sweep(pool, { limit: 1200 }), 1200)
  t.equal(await count("key = 'expired 1200'"), 0)
  t.equal(await count("key = 'expired 1201'"), 1)
  t.equal(await sweep(pool), 1300)
  t.equal(await sweep(pool), 0)
  t.equal(await count('true'), 20)
})

t.test('sweep: a limit that is no positive integer is refused, as NaN would remove nothing for ever', async (t) => {
  for (const options of [{ limit: NaN }, { limit: 0 }, { limit: -1 }, { limit: 0.5 }, { limit: '10' }, { limt: 5 }]) {
    await t.rejects(sweep(pool, options as object), { code: 'MIRO_CONFIG' })
  }
})

t.test('sweep: four sweeps at once remove each expired row once, and no other row', async (t) => {
  for (const isolation of ['read committed', 'repeatable read'] as const) {
    await fill({ expired: 3500, alive: 10 })
    const pools = Array.from({ length: 4 }, () => poolOf(t, server, { isolation, max: 1 }))
    const revived = Array.from({ length: 20 }, (_, index) => `expired ${index * 170 + 1}`)
    const [swept, writes] = await Promise.all([
      Promise.all(pools.map((pool) => sweep(pool))),
      Promise.all(revived.map((key) => store.cas(key, null, { body: 'again', expiresAt: null })))
    ])
    t.ok(writes.every(({ ok }) => ok))
    t.equal(await count("body = 'again'"), revived.length, 'a record that was inserted over an expired row is kept')
    const removed = swept.reduce((sum, number) => sum + number, 0) + await sweep(pool)
    t.ok(removed >= 3500 - revived.length && removed <= 3500, `${removed} rows were removed`)
    t.equal(await count('true'), revived.length + 20)
  }
})

t.test('sweep: a row that another transaction writes is skipped, and not waited for', async (t) => {
  await fill({ expired: 3, alive: 1 })
  const other = await pool.connect()
  await other.query('BEGIN')
  await other.query("UPDATE miro_records SET expires_at = NULL WHERE key = 'expired 2'")
  t.equal(await sweep(poolOf(t, server, { statement_timeout: 30_000 })), 2)
  await other.query('COMMIT')
  other.release()
  t.equal(await sweep(pool), 0)
  t.equal(await count("key = 'expired 2'"), 1)
})

t.test('indexes: a sweep, a read and a page of a scan use the indexes', async (t) => {
  await fill({ expired: 2000, alive: 3000 })
  await pool.query('ANALYZE miro_records')
  const plans: string[] = []
  const explained: PostgresPool = {
    async query ({ text, values }) {
      const { rows } = await pool.query(`EXPLAIN ${text}`, values)
      plans.push(rows.map((row) => String(row['QUERY PLAN'])).join('\n'))
      return { rows: [], rowCount: 0 }
    }
  }
  await sweep(explained, { limit: 10 })
  await postgresStore({ pool: explained }).scan?.({ prefix: 'alive', expiresBefore: 5e12, cursor: 'alive 1', limit: 10 })
  await postgresStore({ pool: explained }).get('alive 1')
  t.match(plans[0], /Index Scan using miro_records_expires_at[^]*Index Cond: \(expires_at <= /)
  t.match(plans[1], /Index Scan using miro_records_pkey[^]*Index Cond: \(\(key >= 'alive'[^]*key > 'alive 1'/)
  t.match(plans[2], /Index Scan using miro_records_pkey/)
  await postgresStore({ pool: explained }).scan?.({ prefix: 'miro:grant:app:', expiresBefore: 5e12, limit: 10 })
  t.match(plans[3], /Index Only Scan using miro_records_grants[^]*Index Cond: \(\(expires_at > /)
})

t.test('readme: its examples are the tested files, and work', async (t) => {
  const readme = await readFile('README.md', 'utf8')
  const blocks = Array.from(readme.matchAll(/^```ts\n(.*?)^```/gms), ([, code = '']) => code.replaceAll(/process\.env\.(\w+)/g, "process.env['$1']"))
  t.strictSame(blocks, await Promise.all(['quick-start', 'sweep-miro'].map((name) => readFile(`test/fixtures/${name}.ts`, 'utf8'))))
  t.ok(readme.includes(schema), 'the table is the one in schema.sql')

  await pool.query('DROP TABLE IF EXISTS miro_records')
  Object.assign(process.env, { DATABASE_URL: server.url, MIRO_CLIENT_ID: '3458764500000000001', MIRO_CLIENT_SECRET: 'secret' })
  const { auth, pool: own } = await import('./fixtures/quick-start.js')
  t.teardown(() => own.end())
  const { grant } = await auth.connect({ user_id: '1', team_id: '2', scope: '', token_type: 'bearer', access_token: 'access', expires_in: 3600, refresh_token: 'refresh' })
  t.equal(await auth.accessToken(grant), 'access')
  t.equal(await count("key = 'miro:grant:3458764500000000001:1:2'"), 1)

  const { sweepMiro } = await import('./fixtures/sweep-miro.js')
  await fill({ expired: 20, alive: 1 })
  await sweepMiro(own)
  t.equal(await count('true'), 2)
})

/** Fills the table with so many expired rows, and twice `alive` rows that expire far ahead or never. */
async function fill ({ expired, alive }: { expired: number, alive: number }): Promise<void> {
  await pool.query('DELETE FROM miro_records')
  await pool.query("INSERT INTO miro_records SELECT 'expired ' || n, '', n, n, now() FROM generate_series(1, $1::int) AS n", [expired])
  await pool.query("INSERT INTO miro_records SELECT 'alive ' || n, '', n, 4e12, now() FROM generate_series(1, $1::int) AS n", [alive])
  await pool.query("INSERT INTO miro_records SELECT 'forever ' || n, '', n, NULL, now() FROM generate_series(1, $1::int) AS n", [alive])
}

async function count (condition: string): Promise<number> {
  const { rows: [row] } = await pool.query(`SELECT count(*)::int AS number FROM miro_records WHERE ${condition}`)
  return Number(row?.number)
}

t.test('postgresStore: anything but { pool } ends the start with the option\'s name', async (t) => {
  const pool = { query: async () => ({ rows: [], rowCount: 0 }) }
  const wrong: unknown[] = [undefined, null, {}, pool, { pool: null }, { pool: {} }, { pool, prefix: 'a' }, { pool, namedStatements: 'false' }, 'postgres://localhost']
  for (const options of wrong) t.throws(() => postgresStore(options as { pool: PostgresPool }), { code: 'MIRO_CONFIG' })
  t.ok(postgresStore({ pool }))
})
