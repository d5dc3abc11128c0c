import { setTimeout as delay } from 'node:timers/promises'
import { createMiroAuth } from '@miro-oauth/core'
import { checkLinearizability, storeContract } from '@miro-oauth/core/testing'
import type Database from 'better-sqlite3'
import fc from 'fast-check'
import t from 'tap'
import { sqliteStore, sweep, type SqliteDatabase } from '../src/index.js'
import { connect, newFile, requireLibraries, rowOf } from './fixtures/database.js'

const minuteMs = 60_000

for (const library of requireLibraries()) {
  t.test(`store: the store contract is kept (${library.name})`, async (t) => {
    const suite = storeContract(async () => {
      const database = connect(t, library, newFile(t))
      return { store: sqliteStore({ database }), wait: (ms: number) => delay(ms) }
    })
    for (const { name, run } of suite) await t.test(name, run)
  })

  t.test(`linearizability: the calls of eight writers, each on its own connection, have one order (${library.name})`, async (t) => {
    const file = newFile(t)
    const stores = Array.from({ length: 8 }, () => sqliteStore({ database: connect(t, library, file) }))
    await t.resolves(checkLinearizability(stores, { key: 'miro:grant:app:1:2', writers: 8, operations: 60, seed: 1 }))
  })

  t.test(`store: the first call sets up a WAL that is flushed at every commit (${library.name})`, async (t) => {
    const database = connect(t, library, newFile(t))
    const store = sqliteStore({ database })
    t.strictSame(rowOf(database, 'SELECT count(*) AS tables FROM sqlite_master'), { tables: 0 })
    await store.get('a')
    t.strictSame(rowOf(database, 'PRAGMA journal_mode'), { journal_mode: 'wal' })
    t.strictSame(rowOf(database, 'PRAGMA synchronous'), { synchronous: 2 })
    t.strictSame(rowOf(database, 'PRAGMA fullfsync'), { fullfsync: 1 })
  })

  t.test(`restart: what was written is there on another connection (${library.name})`, async (t) => {
    const file = newFile(t)
    const first = connect(t, library, file)
    const expiresAt = Date.now() + minuteMs
    const result = await sqliteStore({ database: first }).cas('a', null, { body: 'one', expiresAt })
    first.close()
    const found = await sqliteStore({ database: connect(t, library, file) }).get('a')
    t.match(found, { body: 'one', expiresAt, version: result.ok ? result.version : '' })
  })

  t.test(`store: every expiry comes back exactly, and a past one makes the entry absent (${library.name})`, async (t) => {
    const store = sqliteStore({ database: connect(t, library, newFile(t)) })
    const now = Date.now()
    for (const expiresAt of [now + minuteMs + 0.125, 2 ** 53 - 1, 1e21, Number.MAX_VALUE, Infinity]) {
      await store.cas(`miro:flow:${expiresAt}`, null, { body: 'one', expiresAt })
      t.equal((await store.get(`miro:flow:${expiresAt}`))?.expiresAt, expiresAt)
    }
    for (const expiresAt of [now - 0.5, 1, 0.1, 0, -1, 5e-324, -1e21, -Infinity]) {
      t.equal((await store.cas(`miro:flow:${expiresAt}`, null, { body: 'one', expiresAt })).ok, true)
      t.equal(await store.get(`miro:flow:${expiresAt}`), null)
    }
    await t.rejects(store.cas('a', null, { body: 'one', expiresAt: NaN }), { name: 'TypeError', message: /number of milliseconds/ })
  })

  t.test(`store: keys and bodies come back exactly, and a text that SQLite cannot hold is refused (${library.name})`, async (t) => {
    const store = sqliteStore({ database: connect(t, library, newFile(t)) })
    const character = fc.integer({ min: 1, max: 0x10FFFF }).filter((point) => point < 0xD800 || point > 0xDFFF)
    const text = fc.array(character, { maxLength: 50 }).map((points) => String.fromCodePoint(...points))
    await fc.assert(fc.asyncProperty(text, text, async (name, body) => {
      const key = `miro:link:${name}`
      const result = await store.cas(key, (await store.get(key))?.version ?? null, { body, expiresAt: null })
      t.equal(result.ok && (await store.get(key))?.body, body)
    }), { seed: 1, numRuns: 30, examples: [['\u{10FFFF}', '\u{10FFFF}\ufffe\ufeff'], ['e\u0301', ''], ['é', ' ']] })

    const impossible = { name: 'TypeError', message: 'SQLite cannot hold a text with NUL or half a surrogate pair.' }
    for (const bad of ['\0', 'a\0b', '\ud83d', '\ude00a']) {
      await t.rejects(store.get(bad), impossible)
      await t.rejects(store.cas(bad, null, null), impossible)
      await t.rejects(store.cas('a', bad, null), impossible)
      await t.rejects(store.cas('a', null, { body: bad, expiresAt: null }), impossible)
      await t.rejects(async () => store.scan?.({ prefix: bad, expiresBefore: 0, limit: 1 }), impossible)
    }
  })

  t.test(`scan: a page walks a thousand rows of the primary key at most (${library.name})`, async (t) => {
    const database = connect(t, library, newFile(t))
    const store = sqliteStore({ database })
    await store.get('a')
    const numbers = 'WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 3000)'
    database.exec(`${numbers} INSERT INTO miro_records SELECT printf('miro:link:app:%04d', n), '', n, CASE WHEN n % 1500 = 0 THEN 4e12 END, 0 FROM series`)
    database.exec(`${numbers} INSERT INTO miro_records SELECT 'miro:session:' || n, '', n, 4e12, 0 FROM series`)
    const query = { prefix: 'miro:link:app:', expiresBefore: 5e12, limit: 10 }
    t.strictSame(await store.scan?.(query), { keys: [], cursor: 'miro:link:app:1000' })
    t.strictSame(await store.scan?.({ ...query, cursor: 'miro:link:app:1000' }), { keys: ['miro:link:app:1500'], cursor: 'miro:link:app:2000' })
    t.strictSame(await store.scan?.({ ...query, cursor: 'miro:link:app:2500' }), { keys: ['miro:link:app:3000'] }, 'another prefix ends it')
    t.strictSame(await store.scan?.({ prefix: 'miro:session:', expiresBefore: 5e12, limit: 2 }), { keys: ['miro:session:1', 'miro:session:10'], cursor: 'miro:session:10' })
    const plan = database.prepare('EXPLAIN QUERY PLAN SELECT key FROM miro_records WHERE key >= max($a, $b) AND +key > $b ORDER BY key').all({ a: '', b: '' })
    t.match(JSON.stringify(plan), /SEARCH miro_records USING .*INDEX.*\(key>\?\)/)
  })

  t.test(`scan: grants that expire before an instant are found by their index, in that order (${library.name})`, async (t) => {
    const database = connect(t, library, newFile(t))
    const store = sqliteStore({ database })
    await store.get('a')
    const numbers = 'WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 3000)'
    database.exec(`${numbers} INSERT INTO miro_records SELECT 'miro:grant:' || CASE WHEN n % 1500 = 0 THEN 'app' ELSE 'other' END || ':' || n, '', n, 4e12 - n, 0 FROM series`)
    database.exec(`${numbers} INSERT INTO miro_records SELECT 'miro:session:app:' || n, '', n, 4e12 - 5000, 0 FROM series`)
    const query = { prefix: 'miro:grant:app:', expiresBefore: 5e12, limit: 10 }
    t.strictSame(await store.scan?.(query), { keys: ['miro:grant:app:3000'], cursor: '3999999997999 miro:grant:other:2001' })
    t.strictSame(await store.scan?.({ ...query, limit: 1 }), { keys: ['miro:grant:app:3000'], cursor: '3999999997000 miro:grant:app:3000' })
    t.strictSame(await store.scan?.({ ...query, cursor: '3999999999000 miro:grant:other:1000' }), { keys: [] })
    t.strictSame(await store.scan?.({ ...query, expiresBefore: 4e12 - 3000 }), { keys: [] })
    for (const cursor of ['miro:grant:app:1', ' ', 'index 5 a']) await t.rejects(async () => store.scan?.({ ...query, cursor }), { name: 'SqliteError' }, 'of another store')
    database.exec('UPDATE miro_records SET expires_at = 4e12')
    const tied = await store.scan?.({ ...query, prefix: 'miro:grant:other:', limit: 2 })
    t.strictSame(tied, { keys: ['miro:grant:other:1', 'miro:grant:other:10'], cursor: '4000000000000 miro:grant:other:10' })
    const plan = database.prepare("EXPLAIN QUERY PLAN SELECT key FROM miro_records WHERE key >= 'miro:grant:' AND key < 'miro:grant;' AND expires_at > $a AND expires_at < $b AND (expires_at, key) > ($a, $c) ORDER BY expires_at, key").all({ a: 1, b: 2, c: '' })
    t.match(JSON.stringify(plan), /USING COVERING INDEX miro_records_grants/)
  })

  t.test(`sweep: only expired rows go, in batches, and up to the limit (${library.name})`, async (t) => {
    const database = connect(t, library, newFile(t))
    const store = sqliteStore({ database })
    t.equal(await sweep(database), 0, 'a sweep before the first call creates the table')
    const numbers = 'WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 450)'
    database.exec(`${numbers} INSERT INTO miro_records SELECT 'old ' || n, '', n, n, 0 FROM series`)
    await store.cas('ahead', null, { body: 'one', expiresAt: Date.now() + minuteMs })
    await store.cas('for good', null, { body: 'one', expiresAt: null })
    t.equal(await sweep(database, { limit: 150 }), 150)
    t.strictSame(rowOf(database, 'SELECT min(expires_at) AS oldest FROM miro_records'), { oldest: 151 }, 'the oldest go first')
    t.equal(await sweep(database), 300)
    t.strictSame(rowOf(database, 'SELECT count(*) AS rows FROM miro_records'), { rows: 2 })
  })

  t.test(`store: two apps in one file never see each other's records (${library.name})`, async (t) => {
    const store = sqliteStore({ database: connect(t, library, newFile(t)) })
    const one = createMiroAuth({ clientId: '3458764500000000001', clientSecret: 'secret', store })
    const two = createMiroAuth({ clientId: '3458764500000000002', clientSecret: 'secret', store })
    const answer = { user_id: '1', team_id: '2', scope: 'boards:read', token_type: 'bearer', expires_in: 3600, refresh_token: 'refresh' }
    await one.connect({ ...answer, access_token: 'of-one' })
    await t.rejects(two.accessToken({ userId: '1', teamId: '2' }), { code: 'MIRO_NOT_CONNECTED' })
    t.equal(await one.accessToken({ userId: '1', teamId: '2' }), 'of-one')
  })
}

t.test('sqliteStore: anything but { database, busyTimeoutMs } ends the start with the option\'s name', async (t) => {
  const database = { exec: () => {}, prepare: () => ({ all: () => [], run: () => ({ changes: 0 }) }) }
  const wrong: unknown[] = [undefined, null, {}, database, { database: null }, { database: {} }, { database, file: 'a' }, 'miro.db',
    { database, busyTimeoutMs: -1 }, { database, busyTimeoutMs: 1.5 }, { database, busyTimeoutMs: 10_000 }, { database, busyTimeoutMs: '5' }]
  for (const options of wrong) t.throws(() => sqliteStore(options as { database: SqliteDatabase }), { code: 'MIRO_CONFIG' })
  await t.rejects(sweep({} as SqliteDatabase), { code: 'MIRO_CONFIG' })
  for (const limit of [NaN, 0, -1, 0.5, '10']) await t.rejects(sweep(database, { limit } as object), { code: 'MIRO_CONFIG' })
  t.ok(sqliteStore({ database, busyTimeoutMs: 0 }))
})

/** Compiles: the types of better-sqlite3 fit. */
export const toOptions = (database: Database.Database): SqliteDatabase => database
