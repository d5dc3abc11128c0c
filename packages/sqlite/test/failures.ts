import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { createMiroAuth } from '@miro-oauth/core'
import t from 'tap'
import { SqliteError, sqliteStore, sweep, type SqliteDatabase } from '../src/index.js'
import { connect, newFile, requireLibraries, rowOf } from './fixtures/database.js'

const secret = 'eyJtaXJv-secret'
const entry = { body: secret, expiresAt: null }

/** The error that a call rejects with. It shows nothing that was written. */
async function failureOf (call: Promise<unknown>): Promise<SqliteError> {
  const error = await call.then(() => undefined, (thrown: unknown) => thrown)
  if (!(error instanceof SqliteError)) throw new Error(`Not a SqliteError: ${inspect(error)}`)
  if (inspect(error, { showHidden: true, depth: null }).includes(secret)) throw new Error('The error holds the body.')
  return error
}

for (const library of requireLibraries()) {
  t.test(`failures: a full disk refuses the write, and what was there stays readable (${library.name})`, async (t) => {
    const file = newFile(t)
    const database = connect(t, library, file)
    const store = sqliteStore({ database })
    const first = await store.cas('a', null, { body: 'one', expiresAt: null })
    const { page_count: pages } = rowOf(database, 'PRAGMA page_count')
    rowOf(database, `PRAGMA max_page_count = ${Number(pages)}`)
    const long = { body: secret.repeat(10_000), expiresAt: null }
    t.match(await failureOf(store.cas('b', null, long)), { code: 'SQLITE_FULL', message: /disk is full/ })
    t.match(await failureOf(store.cas('a', first.ok ? first.version : '', long)), { code: 'SQLITE_FULL' })
    t.equal(await store.get('b'), null)
    t.match(await store.get('a'), { body: 'one', version: first.ok ? first.version : '' })
    rowOf(database, 'PRAGMA max_page_count = 1000000')
    t.equal((await store.cas('b', null, long)).ok, true)
  })

  t.test(`failures: a file that another connection keeps locked is SQLITE_BUSY after busyTimeoutMs, while the event loop runs (${library.name})`, async (t) => {
    const file = newFile(t)
    const database = connect(t, library, file)
    const store = sqliteStore({ database, busyTimeoutMs: 300 })
    await store.cas('a', null, { body: 'one', expiresAt: null })
    const other = connect(t, library, file)
    other.exec('BEGIN IMMEDIATE')
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    const before = performance.now()
    t.match(await failureOf(store.cas('b', null, entry)), { code: 'SQLITE_BUSY', message: /locked for too long/ })
    t.ok(performance.now() - before >= 250, 'it waited')
    clearInterval(timer)
    t.ok(turns >= 5, 'the event loop ran meanwhile')
    t.equal((await store.get('a'))?.body, 'one', 'a read does not wait')
    const waiting = store.cas('b', null, entry)
    await delay(50)
    other.exec('COMMIT')
    t.equal((await waiting).ok, true, 'a write that waits goes on once the lock is gone')
  })

  t.test(`failures: a locked file and a full disk are MIRO_STORE to the app (${library.name})`, async (t) => {
    const file = newFile(t)
    const database = connect(t, library, file)
    const auth = createMiroAuth({ clientId: '1', clientSecret: 'a-secret', store: sqliteStore({ database, busyTimeoutMs: 0 }) })
    await auth.check()
    const other = connect(t, library, file)
    other.exec('BEGIN IMMEDIATE')
    await t.rejects(auth.check(), { code: 'MIRO_STORE', cause: { code: 'SQLITE_BUSY' } })
    other.exec('ROLLBACK')
    await auth.check()
  })

  t.test(`failures: a file that is damaged, or no database, says so (${library.name})`, async (t) => {
    const file = newFile(t)
    writeFileSync(file, `${secret} `.repeat(1000))
    t.match(await failureOf(sqliteStore({ database: connect(t, library, file) }).get('a')), { code: 'SQLITE_NOTADB' })
    const damaged = newFile(t)
    const database = connect(t, library, damaged)
    const store = sqliteStore({ database })
    for (let n = 0; n < 50; n++) await store.cas(`a${n}`, null, { body: secret.repeat(100), expiresAt: null })
    database.close()
    const size = 4096
    writeFileSync(damaged, Buffer.alloc(60 * size, secret), { flag: 'r+' })
    t.match((await failureOf(sqliteStore({ database: connect(t, library, damaged) }).get('a1'))).code, /^SQLITE_(CORRUPT|NOTADB)$/)
  })

  t.test(`failures: a connection that may only read rejects writes (${library.name})`, async (t) => {
    const database = connect(t, library, newFile(t))
    const store = sqliteStore({ database })
    await store.cas('a', null, { body: 'one', expiresAt: null })
    database.exec('PRAGMA query_only = ON')
    t.match(await failureOf(store.cas('b', null, entry)), { code: 'SQLITE_READONLY', message: /may only be read/ })
    t.equal((await store.get('a'))?.body, 'one')
  })

  t.test(`failures: an open transaction of the app is refused, since its ROLLBACK would undo an acknowledged write (${library.name})`, async (t) => {
    const database = connect(t, library, newFile(t))
    const store = sqliteStore({ database })
    await store.get('a')
    database.exec('BEGIN')
    t.match(await failureOf(store.cas('a', null, entry)), { message: /a connection of its own/ })
    t.match(await failureOf(sweep(database)), { message: /a connection of its own/ })
    database.exec('ROLLBACK')
    t.equal((await store.cas('a', null, entry)).ok, true)
  })

  t.test(`errors: a message of the app's trigger, which holds the row, is not passed on (${library.name})`, async (t) => {
    const database = connect(t, library, newFile(t))
    const store = sqliteStore({ database })
    await store.get('a')
    database.exec(`CREATE TRIGGER telling BEFORE INSERT ON miro_records BEGIN SELECT RAISE(ABORT, '${secret}'); END`)
    t.match(await failureOf(store.cas('a', null, entry)), { code: 'SQLITE_CONSTRAINT', message: /constraint or trigger/ })
  })

  t.test(`errors: a table of another shape, and a closed connection, say what is wrong (${library.name})`, async (t) => {
    const database = connect(t, library, newFile(t))
    database.exec('CREATE TABLE miro_records (key TEXT, expires_at REAL)')
    const store = sqliteStore({ database })
    t.match(await failureOf(store.get('a')), { code: 'SQLITE_ERROR', message: /another table/ })
    database.close()
    t.match(await failureOf(store.get('a')), { message: /is the connection open/ })
  })
}

t.test('errors: every value that a library throws becomes a SqliteError with a fixed message', async (t) => {
  const thrower = (thrown: unknown): SqliteDatabase => {
    const fail = () => { throw thrown }
    return { exec: fail, prepare: fail }
  }
  const of = async (thrown: unknown) => failureOf(sqliteStore({ database: thrower(thrown) }).get('a'))
  t.match(await of(Object.assign(new Error(secret), { code: 'SQLITE_IOERR_WRITE' })), { code: 'SQLITE_IOERR', message: /disk failed/ })
  t.match(await of(Object.assign(new Error(secret), { code: 'ERR_SQLITE_ERROR', errcode: 778 })), { code: 'SQLITE_IOERR' })
  t.match(await of(Object.assign(new Error(secret), { code: 'ERR_SQLITE_ERROR', errcode: 99 })), { code: 'SQLITE_99' })
  t.match(await of(Object.assign(new Error(secret), { code: 'ERR_INVALID_STATE' })), { code: 'ERR_INVALID_STATE' })
  for (const thrown of ['text', undefined, new Error(secret)]) t.equal('code' in await of(thrown), false)
})
