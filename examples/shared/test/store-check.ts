import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { encryptedStore, fastifyMiro, memoryStore, type Store } from '@miro-oauth/fastify'
import { postgresStore } from '@miro-oauth/postgres'
import Fastify from 'fastify'
import t from 'tap'
import { startFailureLine } from '../src/start-failure.js'
import { createStore } from '../src/store.js'

/** The line that a start with this store prints; `null`: it starts. */
async function startLine (store: Store): Promise<string | null> {
  const app = Fastify()
  await app.register(fastifyMiro, {
    clientId: '1', clientSecret: 'a-secret', redirectUri: 'http://localhost:3000/callback', cookieSecret: 'planted-planted-planted-planted-planted', store
  })
  try {
    await app.miro.auth.check()
    return null
  } catch (error) {
    return startFailureLine(error)
  } finally {
    await app.close()
  }
}

t.test('start: another server than a store ends it with a line', async (t) => {
  const web = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
  await once(web, 'listening')
  t.teardown(() => { web.close() })
  const { port } = web.address() as AddressInfo
  for (const url of [`redis://127.0.0.1:${port}`, `postgres://miro:planted@127.0.0.1:${port}/planted`]) {
    const store = createStore({ url, keys: undefined })
    const message = 'STORE_URL: the store cannot be used (no answer that makes sense). Is it running, and is the address right?'
    await t.rejects(store.open(), { message }, url)
    await store.close()
  }
})

/** A PostgreSQL that answers reads with `rows`, and the rest with an error of this code. */
function postgres ({ code, mayRead = false }: { code: string, mayRead?: boolean }): Store {
  const query = async ({ text }: { text: string }): Promise<{ rows: never[] }> => {
    if (mayRead && /^\s*select/i.test(text)) return { rows: [] }
    throw Object.assign(new Error('planted'), { code })
  }
  return postgresStore({ pool: { query } as never })
}

const newKeys = (): string => `k1:${randomBytes(32).toString('base64url')}`

/** A store as it is after a start with these keys, or with none. */
async function writtenWith (keys: string | null): Promise<Store> {
  const store = memoryStore()
  await startLine(keys === null ? store : encryptedStore(store, { keys }))
  return store
}

t.test('start: a store that can be used is written to and read, again and again', async (t) => {
  const store = memoryStore()
  t.equal(await startLine(store), null)
  t.equal(await startLine(store), null)
})

t.test('start: a store that cannot be used ends it with a line that says what to do', async (t) => {
  const otherKeys = 'STORE_KEYS: the store holds records of other keys.'
  const cases: Array<[name: string, store: Store, line: string]> = [
    ['dead', postgres({ code: 'ECONNREFUSED' }), '(ECONNREFUSED). Is it running'],
    ['not found', postgres({ code: 'ENOTFOUND' }), '(ENOTFOUND). Is it running'],
    ['unmigrated', postgres({ code: '42P01' }), '(42P01). Its table is missing'],
    ['read-only, of PostgreSQL', postgres({ code: '25006', mayRead: true }), '(25006). It may only be read'],
    ['without the right to write', postgres({ code: '42501', mayRead: true }), '(42501). Its user may not'],
    ['with a full disk', postgres({ code: '53100', mayRead: true }), '(53100). Its disk is full'],
    ['starting', postgres({ code: '57P03' }), '(57P03). It is starting or stopping'],
    ['with a wrong password', postgres({ code: '28P01' }), '(28P01). User or password'],
    ['with reads that go to a replica', { ...memoryStore(), get: async () => null }, '(STALE_READ). It does not have'],
    ['under other keys', encryptedStore(await writtenWith(newKeys()), { keys: newKeys() }), otherKeys],
    ['under keys that are missing now', await writtenWith(newKeys()), otherKeys],
    ['plain, where keys are set', encryptedStore(await writtenWith(null), { keys: newKeys() }), otherKeys]
  ]
  for (const [name, store, line] of cases) {
    const written = await startLine(store) ?? ''
    t.ok(written.includes(line), `${name}: ${written}`)
    t.notMatch(written, /planted|\n/)
  }
})
