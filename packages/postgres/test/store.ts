import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { createMiroAuth, type Store } from '@miro-oauth/core'
import fc from 'fast-check'
import type pg from 'pg'
import t from 'tap'
import { migrate, PostgresError, postgresStore, type PostgresPool } from '../src/index.js'
import { keepsContract, keepsOneOrder } from './fixtures/contract.js'
import { poolOf, startServer } from './fixtures/database.js'

const minuteMs = 60_000
const server = await startServer(t)
const pool = poolOf(t, server, { max: 20 })
const store = postgresStore({ pool })
await migrate(pool)
t.beforeEach(async () => { await pool.query('DELETE FROM miro_records') })

/** The error that a call rejects with. */
async function failureOf (call: Promise<unknown>): Promise<PostgresError> {
  const error = await call.then(() => undefined, (thrown: unknown) => thrown)
  if (error instanceof PostgresError) return error
  throw new Error(`Not a PostgresError: ${inspect(error)}`)
}

t.test('store: the store contract is kept', async (t) => {
  await t.test('with a pool:', (t) => keepsContract(t, pool))
})

t.test('linearizability: the calls of eight writers, each on its own connection, have one order', (t) => keepsOneOrder(t, server, 'read committed'))

t.test('cas: a write that waits for another one fails, and returns the other\'s record', async (t) => {
  for (const isolation of ['read committed', 'repeatable read'] as const) {
    const store = postgresStore({ pool: poolOf(t, server, { isolation }) })
    const key = `miro:grant:app:${isolation}:1`
    const first = await store.cas(key, null, { body: 'first', expiresAt: null })
    const other = await pool.connect()
    await other.query('BEGIN')
    await other.query("UPDATE miro_records SET version = 'theirs', body = 'second' WHERE key = $1", [key])
    const waiting = store.cas(key, first.ok ? first.version : '', { body: 'third', expiresAt: null })
    t.equal((await store.get(key))?.body, 'first', 'a read does not wait')
    await untilWaiting()
    await other.query('COMMIT')
    other.release()
    const result = await waiting
    t.match(result, { ok: false, current: { body: 'second', version: 'theirs' } }, isolation)
  }
})

/** Resolves once a statement waits for a lock. */
async function untilWaiting (): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    if (rowCount !== 0) return
    await delay(5)
  }
}

t.test('store: every expiry comes back exactly, and a past one makes the entry absent', async (t) => {
  const now = Date.now()
  for (const expiresAt of [now + minuteMs + 0.125, 2 ** 53 - 1, 1e21, Number.MAX_VALUE, Infinity]) {
    await store.cas(`miro:flow:${expiresAt}`, null, { body: 'one', expiresAt })
    t.equal((await store.get(`miro:flow:${expiresAt}`))?.expiresAt, expiresAt)
  }
  for (const expiresAt of [now - 0.5, 1, 0.1, 0, -1, 5e-324, -1e21, -Infinity]) {
    t.equal((await store.cas(`miro:flow:${expiresAt}`, null, { body: 'one', expiresAt })).ok, true)
    t.equal(await store.get(`miro:flow:${expiresAt}`), null)
  }
})

t.test('store: keys and bodies come back exactly, and a text that PostgreSQL cannot hold is refused', async (t) => {
  const character = fc.integer({ min: 1, max: 0x10FFFF }).filter((point) => point < 0xD800 || point > 0xDFFF)
  const text = fc.array(character, { maxLength: 50 }).map((points) => String.fromCodePoint(...points))
  await fc.assert(fc.asyncProperty(text, text, async (name, body) => {
    const key = `miro:link:${name}`
    const result = await store.cas(key, (await store.get(key))?.version ?? null, { body, expiresAt: null })
    t.equal(result.ok && (await store.get(key))?.body, body)
  }), { seed: 1, numRuns: 30, examples: [['\u{10FFFF}', '\u{10FFFF}\ufffe\ufeff'], ['e\u0301', ''], ['é', ' ']] })

  const impossible = { name: 'TypeError', message: 'PostgreSQL cannot hold a text with NUL or half a surrogate pair.' }
  for (const bad of ['\0', 'a\0b', '\ud83d', '\ude00a']) {
    await t.rejects(store.get(bad), impossible)
    t.match(await store.getAll?.(['miro:link:é', bad, 'missing']), [{ body: ' ' }, impossible, null], 'in its own place')
    await t.rejects(store.cas(bad, null, null), impossible)
    await t.rejects(store.cas('a', bad, null), impossible)
    await t.rejects(store.cas('a', null, { body: bad, expiresAt: null }), impossible)
    await t.rejects(async () => store.scan?.({ prefix: bad, expiresBefore: 0, limit: 1 }), impossible)
  }
})

t.test('store: the app\'s type parsers in pg change nothing', async (t) => {
  const expiresAt = Date.now() + minuteMs
  await store.cas('miro:grant:app:1', null, { body: 'one', expiresAt })
  const textOnly = {
    getTypeParser: (
      oid: number
    ) => (value: unknown) => oid === 25 ? value : { oid, value }
  } as pg.CustomTypesConfig
  const strange = postgresStore({ pool: poolOf(t, server, { types: textOnly }) })
  const [found, again] = [await store.get('miro:grant:app:1'), await strange.get('miro:grant:app:1')]
  t.match(again, { body: 'one', expiresAt, version: found?.version })
  t.type(again?.ageMs, 'number')
  t.strictSame(await strange.scan?.({ prefix: 'miro:', expiresBefore: null, limit: 1 }), { keys: ['miro:grant:app:1'], cursor: 'miro:grant:app:1' })
})

t.test('store: a server that rounds numbers in texts returns each expiry exactly, and pages that come to an end', async (t) => {
  const rounding = postgresStore({ pool: poolOf(t, server, { options: '-c extra_float_digits=-3' }) })
  const expiresAt = Date.now() + minuteMs + 0.125
  const keys = ['a', 'b', 'c', 'd'].map((name) => `miro:grant:app:${name}`)
  for (const [index, key] of keys.entries()) await rounding.cas(key, null, { body: 'one', expiresAt: expiresAt + index })
  t.equal((await rounding.get(keys[0] ?? ''))?.expiresAt, expiresAt)
  const found: string[] = []
  for (let cursor: string | undefined, pages = 0; pages < 10; pages++) {
    const page = await rounding.scan?.({ prefix: 'miro:grant:', expiresBefore: 4e12, limit: 1, ...cursor !== undefined && { cursor } })
    found.push(...page?.keys ?? [])
    cursor = page?.cursor
    if (cursor === undefined) break
  }
  t.strictSame(found, keys)
})

t.test('scan: a page looks at a thousand rows at most, and is no longer than its limit', async (t) => {
  await pool.query("INSERT INTO miro_records SELECT 'miro:link:app:' || to_char(n, 'FM0000'), '', n, CASE WHEN n % 1500 = 0 THEN 4e12 ELSE NULL END, now() FROM generate_series(1, 3000) AS n")
  await pool.query("INSERT INTO miro_records SELECT 'miro:session:' || n, '', n, 4e12, now() FROM generate_series(1, 1500) AS n")
  const query = { prefix: 'miro:link:app:', expiresBefore: 5e12, limit: 10 }
  t.strictSame(await store.scan?.(query), { keys: [], cursor: 'miro:link:app:1000' })
  t.strictSame(await store.scan?.({ ...query, cursor: 'miro:link:app:1000' }), { keys: ['miro:link:app:1500'], cursor: 'miro:link:app:2000' })
  t.strictSame(await store.scan?.({ ...query, cursor: 'miro:link:app:2000' }), { keys: ['miro:link:app:3000'], cursor: 'miro:link:app:3000' })
  t.strictSame(await store.scan?.({ ...query, cursor: 'miro:link:app:3000' }), { keys: [] })
  t.strictSame(await store.scan?.({ ...query, cursor: 'miro:link:app:2500' }), { keys: ['miro:link:app:3000'] }, 'another prefix ends it')
  t.strictSame(await store.scan?.({ prefix: 'miro:session:', expiresBefore: 5e12, limit: 2 }), { keys: ['miro:session:1', 'miro:session:10'], cursor: 'miro:session:10' })
})

t.test('scan: grants that expire before an instant are found by their index, in that order, a thousand rows of all apps a page', async (t) => {
  await pool.query("INSERT INTO miro_records SELECT 'miro:grant:' || CASE WHEN n % 1500 = 0 THEN 'app' ELSE 'other' END || ':' || n, '', n, 4e12 - n, now() FROM generate_series(1, 3000) AS n")
  await pool.query("INSERT INTO miro_records SELECT 'miro:session:app:' || n, '', n, 4e12 - 5000, now() FROM generate_series(1, 2000) AS n")
  const query = { prefix: 'miro:grant:app:', expiresBefore: 5e12, limit: 10 }
  t.strictSame(await store.scan?.(query), { keys: ['miro:grant:app:3000'], cursor: '3999999997999 miro:grant:other:2001' })
  t.strictSame(await store.scan?.({ ...query, limit: 1 }), { keys: ['miro:grant:app:3000'], cursor: '3999999997000 miro:grant:app:3000' })
  t.strictSame(await store.scan?.({ ...query, cursor: '3999999997000 miro:grant:app:3000', limit: 2000 }), { keys: ['miro:grant:app:1500'], cursor: '3999999999000 miro:grant:other:1000' })
  t.strictSame(await store.scan?.({ ...query, cursor: '3999999999000 miro:grant:other:1000' }), { keys: [] })
  t.strictSame(await store.scan?.({ ...query, expiresBefore: 4e12 - 3000 }), { keys: [] })
  for (const cursor of ['NaN miro:grant:app:1', 'index 1', ' 1', '']) {
    t.match(await failureOf(Promise.resolve(store.scan?.({ ...query, cursor }))), { message: 'The cursor is of another store.' })
  }
  await pool.query('UPDATE miro_records SET expires_at = 4e12')
  const { keys = [], cursor } = await store.scan?.({ ...query, prefix: 'miro:grant:other:', limit: 2 }) ?? {}
  t.strictSame({ keys, cursor }, { keys: ['miro:grant:other:1', 'miro:grant:other:10'], cursor: '4000000000000 miro:grant:other:10' }, 'by key where they expire at one instant')
})

t.test('statements: reads and writes are parsed once for each connection; with namedStatements: false each time', async (t) => {
  const one = poolOf(t, server, { max: 1 })
  const prepared = async (): Promise<unknown[]> => (await one.query('SELECT count(*)::int AS number FROM pg_prepared_statements')).rows
  const use = async (store: Store): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) {
      const written = await store.cas(`key ${turn}`, null, { body: 'one', expiresAt: null })
      const updated = await store.cas(`key ${turn}`, written.ok ? written.version : '', { body: 'two', expiresAt: null })
      t.equal((await store.get(`key ${turn}`))?.body, 'two')
      t.match(await store.getAll?.([`key ${turn}`, 'missing']), [{ body: 'two' }, null])
      t.equal((await store.cas(`key ${turn}`, updated.ok ? updated.version : '', null)).ok, true)
    }
  }
  await use(postgresStore({ pool: one, namedStatements: false }))
  t.strictSame(await prepared(), [{ number: 0 }])
  await use(postgresStore({ pool: one }))
  t.strictSame(await prepared(), [{ number: 5 }])
})

t.test('statements: the plan of getAll is made once for each connection, and not for each length of its list', async (t) => {
  const one = poolOf(t, server, { max: 1 })
  const store = postgresStore({ pool: one })
  for (let length = 2; length <= 30; length++) {
    await store.getAll?.(Array.from({ length }, (_, index) => `miro:grant:app:${length}:${index}`))
  }
  const { rows: [plans] } = await one.query(`SELECT custom_plans::int AS custom, generic_plans::int AS generic
    FROM pg_prepared_statements WHERE statement LIKE '%ANY%'`)
  // It tries five times whether a plan of its own would be better.
  t.strictSame(plans, { custom: 5, generic: 24 })
})

t.test('statements: where a pooler loses a named statement, it is run again without a name, as are all after it', async (t) => {
  const warnings: string[] = []
  const warn = ({ name, message }: Error & { code?: string }): void => { warnings.push(`${name}: ${message}`) }
  process.on('warning', warn)
  t.teardown(() => { process.off('warning', warn) })
  const one = poolOf(t, server, { max: 1 })
  const names: Array<string | undefined> = []
  const losing: PostgresPool = {
    async query (statement) {
      names.push(statement.name)
      const result = await one.query(statement)
      await one.query('DEALLOCATE ALL')
      return result
    }
  }
  const behindPooler = postgresStore({ pool: losing })
  await behindPooler.cas('a', null, { body: 'one', expiresAt: null })
  for (let turn = 0; turn < 3; turn++) t.equal((await behindPooler.get('a'))?.body, 'one')
  t.strictSame(names.map((name) => name !== undefined), [true, true, true, false, false])
  await delay(0)
  t.strictSame(warnings, ['Warning: postgresStore() goes on without named statements: a pooler or the app took one away. Set namedStatements: false.'])
})

t.test('statements: a table that is made anew under open connections is found by the same statements', async (t) => {
  const one = postgresStore({ pool: poolOf(t, server, { max: 1 }) })
  await one.cas('a', null, { body: 'one', expiresAt: null })
  t.equal((await one.get('a'))?.body, 'one')
  await pool.query('DROP TABLE miro_records')
  await migrate(pool)
  t.equal(await one.get('a'), null)
  t.equal((await one.cas('a', null, { body: 'two', expiresAt: null })).ok, true)
})

t.test('statements: where a column gets another type under open connections, reads go on', async (t) => {
  const one = postgresStore({ pool: poolOf(t, server, { max: 1 }) })
  await one.cas('a', null, { body: 'one', expiresAt: null })
  t.equal((await one.get('a'))?.body, 'one')
  await pool.query('ALTER TABLE miro_records ALTER COLUMN body TYPE varchar')
  t.teardown(() => pool.query('ALTER TABLE miro_records ALTER COLUMN body TYPE text'))
  t.equal((await one.get('a'))?.body, 'one')
  t.match(await one.getAll?.(['a', 'b']), [{ body: 'one' }, null])
})

t.test('store: two apps in one table never see each other\'s records', async (t) => {
  const one = createMiroAuth({ clientId: '3458764500000000001', clientSecret: 'secret', store })
  const two = createMiroAuth({ clientId: '3458764500000000002', clientSecret: 'secret', store })
  const answer = { user_id: '1', team_id: '2', scope: 'boards:read', token_type: 'bearer', expires_in: 3600, refresh_token: 'refresh' }
  await one.connect({ ...answer, access_token: 'of-one' }, { appUserId: 'user-1' })
  await t.rejects(two.accessToken({ userId: '1', teamId: '2' }), { code: 'MIRO_NOT_CONNECTED' })
  t.strictSame(await two.grants('user-1'), [])
  await two.connect({ ...answer, access_token: 'of-two' })
  t.equal(await one.accessToken({ userId: '1', teamId: '2' }), 'of-one')
  t.equal(await two.accessToken({ userId: '1', teamId: '2' }), 'of-two')
})

t.test('errors: an error says what failed, and holds nothing that was written', async (t) => {
  const secret = 'eyJtaXJv-secret'
  const entry = { body: secret, expiresAt: null }
  const telling = poolOf(t, server, { options: '-c log_parameter_max_length_on_error=-1' })

  await pool.query('ALTER TABLE miro_records ADD CONSTRAINT short CHECK (length(body) < 3)')
  t.teardown(() => pool.query('ALTER TABLE miro_records DROP CONSTRAINT IF EXISTS short'))
  const own: unknown = await telling.query('INSERT INTO miro_records VALUES ($1, $2, $1, NULL, now())', ['a', secret]).catch((error: unknown) => error)
  t.match(inspect(own), secret, 'an error of pg holds the body')
  const refused = await failureOf(postgresStore({ pool: telling }).cas('a', null, entry))
  t.equal(refused.code, '23514')
  t.match(refused.message, /violates check constraint/)
  t.notMatch(inspect(refused, { showHidden: true, depth: null }), secret)
  await pool.query('ALTER TABLE miro_records DROP CONSTRAINT short')

  const long = await failureOf(store.cas(Array.from({ length: 5000 }, (_, index) => String.fromCodePoint(256 + index * 7)).join(''), null, entry))
  t.match(long, { code: '54000', message: /index row/ })

  await pool.query('ALTER TABLE miro_records RENAME TO elsewhere')
  for (const error of await Promise.all([store.get('a'), store.cas('a', null, entry), Promise.resolve(store.scan?.({ prefix: '', expiresBefore: 0, limit: 1 }))].map(failureOf))) {
    t.match(error, { code: '42P01', message: /table miro_records is missing: call migrate\(pool\)/ })
  }
  await pool.query('ALTER TABLE elsewhere RENAME TO miro_records')
})

t.test('errors: a message of the app\'s trigger or type, which quotes the row, is not passed on', async (t) => {
  const refusals = {
    P0001: "RAISE EXCEPTION 'refused %', NEW",
    23514: "RAISE EXCEPTION 'refused %', NEW USING ERRCODE = '23514'",
    '22P02': 'PERFORM NEW.body::int',
    '42P01': "EXECUTE format('TABLE %I', NEW.body)",
    42883: "EXECUTE format('SELECT %I()', NEW.body)"
  }
  await pool.query('CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$')
  await pool.query('CREATE TRIGGER tell BEFORE INSERT ON miro_records FOR EACH ROW EXECUTE FUNCTION tell()')
  t.teardown(() => pool.query('DROP TRIGGER tell ON miro_records; DROP FUNCTION tell'))
  for (const [code, statement] of Object.entries(refusals)) {
    await pool.query(`CREATE OR REPLACE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; RETURN NEW; END $$`)
    const own: unknown = await pool.query("INSERT INTO miro_records VALUES ('a', 'planted', 'a', NULL, now())").catch((error: unknown) => error)
    t.match(own, { code, message: /planted/ }, 'an error of pg holds the body')
    const error = await failureOf(store.cas('a', null, { body: 'planted', expiresAt: null }))
    t.match(error, { code, message: /refused the row/ })
    t.notMatch(inspect(error, { showHidden: true, depth: null }), 'planted')
  }
})

t.test('errors: a statement that times out has written nothing', async (t) => {
  await store.cas('a', null, { body: 'one', expiresAt: Date.now() - minuteMs })
  const other = await pool.connect()
  await other.query('BEGIN')
  await other.query('SELECT FROM miro_records FOR UPDATE')
  const hurried = postgresStore({ pool: poolOf(t, server, { statement_timeout: 50 }) })
  t.match(await failureOf(hurried.cas('a', null, { body: 'two', expiresAt: null })), { code: '57014' })
  await other.query('COMMIT')
  other.release()
  t.equal(await store.get('a'), null)
})

t.test('errors: a write whose answer is lost rejects and is not tried again: it may have taken effect', async (t) => {
  let calls = 0
  const cut: PostgresPool = {
    async query (statement) {
      calls++
      await pool.query(statement)
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    }
  }
  t.match(await failureOf(postgresStore({ pool: cut }).cas('a', null, { body: 'one', expiresAt: null })), { code: 'ECONNRESET' })
  t.equal(calls, 1)
  t.equal((await store.get('a'))?.body, 'one')
})

t.test('errors: every value that a pool throws becomes a PostgresError with a message', async (t) => {
  const thrower = (thrown: unknown): PostgresPool => ({ query: async () => { throw thrown } })
  const nowhere = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' })
  t.match(await failureOf(postgresStore({ pool: thrower(nowhere) }).get('a')), { message: 'ECONNREFUSED', code: 'ECONNREFUSED' })
  t.equal((await failureOf(postgresStore({ pool: thrower(new Error('')) }).get('a'))).message, 'Error')
  t.equal('code' in await failureOf(postgresStore({ pool: thrower(new Error('late')) }).get('a')), false)
  t.match(await failureOf(postgresStore({ pool: thrower('text') }).get('a')), { message: /no error/ })
  t.match(await failureOf(migrate(thrower(nowhere))), { code: 'ECONNREFUSED' })
})

t.test('errors: a statement that meets a connection which the server just closed as idle is run on another one', async (t) => {
  const codes = ['57P05']
  const closed: PostgresPool = {
    async query (statement) {
      const code = codes.pop()
      if (code !== undefined) throw Object.assign(new Error('terminating connection due to idle-session timeout'), { code })
      return pool.query(statement)
    }
  }
  t.equal((await postgresStore({ pool: closed }).cas('a', null, { body: 'one', expiresAt: null })).ok, true)
})

t.test('errors: a statement that conflicts 25 times rejects', async (t) => {
  let calls = 0
  const pool: PostgresPool = {
    query: async () => {
      calls++
      throw Object.assign(new Error('could not serialize access'), { code: '40001' })
    }
  }
  t.match(await failureOf(postgresStore({ pool }).get('a')), { code: '40001' })
  t.equal(calls, 25)
})

t.test('errors: a server that cannot be reached rejects within the pool\'s timeout', async (t) => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await once(closed, 'close')
  const nowhere = postgresStore({ pool: poolOf(t, server, { connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` }) })
  for (const error of await Promise.all([nowhere.get('a'), nowhere.cas('a', null, null), nowhere.cas('a', 'b', null)].map(failureOf))) t.match(error, { code: 'ECONNREFUSED' })

  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const { port: silentPort } = silent.address() as AddressInfo
  const waiting = postgresStore({ pool: poolOf(t, server, { connectionString: `postgres://postgres@127.0.0.1:${silentPort}/postgres`, connectionTimeoutMillis: 100 }) })
  const before = performance.now()
  t.match(await failureOf(waiting.cas('a', null, { body: 'one', expiresAt: null })), { message: /timeout/ })
  t.ok(performance.now() - before < 30_000)
})

t.test('errors: a statement without an answer rejects after query_timeout, and the pool works on', async (t) => {
  await store.cas('a', null, { body: 'one', expiresAt: null })
  const other = await pool.connect()
  await other.query('BEGIN; LOCK TABLE miro_records')
  const hurried = postgresStore({ pool: poolOf(t, server, { max: 1, query_timeout: 100 }) })
  t.match(await failureOf(hurried.get('a')), { message: 'Query read timeout' })
  await other.query('COMMIT')
  other.release()
  t.equal((await hurried.get('a'))?.body, 'one')
})

t.test('pool: a connection that was killed while idle is not used again', async (t) => {
  const errors: string[] = []
  const victim = poolOf(t, server, { max: 1 })
  victim.on('error', (error) => errors.push(error.message))
  const onVictim = postgresStore({ pool: victim })
  await onVictim.cas('a', null, { body: 'one', expiresAt: null })
  const { rows: [row] } = await victim.query('SELECT pg_backend_pid() AS pid')
  await pool.query('SELECT pg_terminate_backend($1)', [row?.pid])
  while (errors.length === 0) await delay(5)
  t.strictSame(errors, ['terminating connection due to administrator command'])
  t.equal((await onVictim.get('a'))?.body, 'one')
})

t.test('restart: a killed server has every acknowledged write', { skip: server.restart === undefined }, async (t) => {
  const writer = postgresStore({ pool: poolOf(t, server, { max: 4 }) })
  const over = new AbortController()
  const counts = { acknowledged: 0, failures: 0, losses: 0, afterwards: 0 }
  const writing = (async () => {
    for (let number = 1; !over.signal.aborted; number++) {
      try {
        const current = await writer.get('a')
        if (Number(current?.body ?? 0) < counts.acknowledged) counts.losses++
        if (!(await writer.cas('a', current?.version ?? null, { body: String(number), expiresAt: null })).ok) continue
        counts.acknowledged = number
        if (counts.failures > 0) counts.afterwards++
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error
        counts.failures++
        await delay(10)
      }
    }
  })()
  await delay(50)
  await server.restart?.()
  // On a busy machine the first connection after the restart takes its time.
  for (let waits = 0; counts.afterwards === 0 && waits < 3000; waits++) await delay(10)
  over.abort()
  await writing
  t.ok(counts.failures > 0 && counts.afterwards > 0, 'calls failed meanwhile, and work again')
  t.equal(counts.losses, 0)
})
