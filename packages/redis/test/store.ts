import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError, createMiroAuth, RecordError, type ScanQuery, type Store } from '@miro-oauth/core'
import { checkLinearizability, storeContract } from '@miro-oauth/core/testing'
import { startRedis } from '@miro-oauth/test-servers'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster, createSentinel, RESP_TYPES } from 'redis'
import t from 'tap'
import { redisStore, type RedisClient } from '../src/index.js'
import { allKeys, openBoth, openIoredis, ownStore } from './fixtures/clients.js'

const minuteMs = 60_000

const server = await startRedis()
if (server !== null) {
  t.teardown(() => server.stop())
  const clients = await openBoth(server.url)
  const { client: plain, close } = await openIoredis(server.url)
  t.teardown(async () => {
    const left = await plain.keys(`*${allKeys}*`)
    if (left.length > 0) await plain.del(left)
    for (const { close: closeOne } of [...Object.values(clients), { close }]) closeOne()
  })

  for (const [name, { client }] of Object.entries(clients)) {
    t.test(`store: with ${name} the store contract is kept:`, async (t) => {
      const cases = storeContract(async () => ({
        store: ownStore(client).store,
        wait: async (ms) => { await sleep(ms) }
      }))
      for (const { name, run } of cases) t.test(name, run)
    })

    t.test(`linearizability: with ${name} the calls of eight writers have one order`, async () => {
      for (let seed = 1; seed <= 5; seed++) {
        await checkLinearizability(ownStore(client).store, { key: `miro:grant:${seed}`, writers: 8, operations: 20, seed })
      }
    })

    t.test(`store: with ${name} two prefixes in one server never see each other's records`, async (t) => {
      const one = ownStore(client)
      const other = ownStore(client, `${one.prefix}2`)
      await one.store.cas('key', null, { body: 'of one', expiresAt: null })
      t.equal(await other.store.get('key'), null)
      t.equal((await other.store.cas('key', null, { body: 'of the other', expiresAt: null })).ok, true)
      t.equal((await one.store.get('key'))?.body, 'of one')
      t.strictSame(await keysOf(other.store, ''), ['key'])
      t.strictSame(await keysOf(one.store, 'k'), ['key'])
    })

    t.test(`store: with ${name} a foreign value under a key is MIRO_RECORD, and left as it is`, async (t) => {
      const { store, prefix } = ownStore(client)
      await plain.set(`${prefix}text`, 'another app\'s')
      await plain.set(`${prefix}empty`, '')
      await plain.set(`${prefix}later`, 'miro2 version 1 \nbody')
      await plain.set(`${prefix}when`, 'miro1 version 1 soon\nbody')
      await plain.rpush(`${prefix}list`, 'one')
      await plain.hset(`${prefix}hash`, 'body', 'one')
      const before = await dump(prefix)
      for (const key of ['text', 'empty', 'later', 'when', 'list', 'hash']) {
        await t.rejects(store.get(key), new RecordError())
        await t.rejects(store.cas(key, null, { body: 'ours', expiresAt: null }), new RecordError())
        await t.rejects(store.cas(key, 'version', null), new RecordError())
      }
      await store.cas('ours', null, { body: 'ours', expiresAt: null })
      const found = await store.getAll?.(['text', 'ours', 'list', 'missing', 'when'])
      t.match(found, [new RecordError(), { body: 'ours' }, new RecordError(), null, new RecordError()], 'each in its own place')
      await store.cas('ours', (await store.get('ours'))?.version ?? '', null)
      t.strictSame(await dump(prefix), before)
      t.strictSame(await keysOf(store, ''), [])
    })
  }

  t.test('linearizability: the calls of eight writers through clients of both kinds have one order', async () => {
    const { prefix } = ownStore(plain)
    const stores = [plain, ...Object.values(clients).map((
      { client }
    ) => client)].map((client) => ownStore(client, prefix).store)
    for (let seed = 1; seed <= 5; seed++) await checkLinearizability(stores, { key: `miro:grant:${seed}`, writers: 8, operations: 20, seed })
  })

  t.test('expiry: Redis removes an expired record, and a record that is written expired is not stored', async (t) => {
    const { store, prefix } = ownStore(plain)
    const expiresAt = Date.now() + minuteMs
    const written = await store.cas('key', null, { body: 'one', expiresAt: expiresAt - 0.5 })
    const left = await plain.pttl(`${prefix}key`)
    t.ok(left > 0 && left <= minuteMs)
    t.equal((await store.get('key'))?.expiresAt, expiresAt - 0.5)
    t.equal(written.ok && (await store.cas('key', written.version, { body: 'two', expiresAt: 0 })).ok, true)
    t.equal(await plain.exists(`${prefix}key`), 0)
    await t.rejects(store.cas('key', null, { body: 'three', expiresAt: NaN }))
    t.equal(await plain.exists(`${prefix}key`), 0)
  })

  t.test('expiry: an expired record that Redis still holds is absent', async (t) => {
    const { store, prefix } = ownStore(plain)
    await plain.set(`${prefix}key`, 'miro1 version 1 2\nbody')
    t.equal(await store.get('key'), null)
    t.strictSame(await keysOf(store, ''), [])
    t.strictSame(await store.cas('key', 'version', null), { ok: false, current: null })
    t.equal((await store.cas('key', null, { body: 'one', expiresAt: null })).ok, true)
    t.match(await store.get('key'), { body: 'one' })
  })

  t.test('getAll: behind a proxy of a Cluster, which refuses keys of several servers, it reads them one by one', async (t) => {
    const counts: number[] = []
    const proxy: RedisClient = {
      status: plain.status,
      options: plain.options,
      async call (command, ...args) {
        if (command === 'evalsha') counts.push(Number(args[1]))
        if (Number(args[1]) > 1) throw new Error("CROSSSLOT Keys in request don't hash to the same slot")
        return plain.call(command, ...args)
      }
    }
    const { store } = ownStore(proxy)
    for (const key of ['a', 'b']) await store.cas(key, null, { body: `of ${key}`, expiresAt: null })
    counts.length = 0
    for (let turn = 0; turn < 2; turn++) t.match(await store.getAll?.(['a', 'b', 'c']), [{ body: 'of a' }, { body: 'of b' }, null])
    t.strictSame(counts, [3, 1, 1, 1, 1, 1, 1])
  })

  t.test('getAll: the reads of one turn of the event loop are one command', async (t) => {
    const { store, prefix } = ownStore(plain)
    const auth = createMiroAuth({ clientId: '3458764500000000001', clientSecret: 'secret', store })
    await auth.store.cas('a', null, { body: 'of a', expiresAt: null })
    const monitor = await plain.monitor()
    t.teardown(() => { monitor.disconnect() })
    const commands: string[] = []
    monitor.on('monitor', (_time: string, args: string[], source: string) => { if (source !== 'lua' && args.includes(`${prefix}a`)) commands.push(args[0] ?? '') })
    const found = await Promise.all(['a', 'b', 'a'].map((key) => auth.store.get(key)))
    t.strictSame(found.map((each) => each?.body), ['of a', undefined, 'of a'])
    await plain.get(`${prefix}a`)
    while (commands.at(-1) !== 'get') await sleep(5)
    t.strictSame(commands, ['evalsha', 'get'])
  })

  t.test('expiry index: after one walk through all keys, grants that expire in time are found by it, in that order', async (t) => {
    const { store, prefix } = ownStore(plain)
    const at = Date.now() + minuteMs
    // As a version without the index wrote it.
    await plain.set(`${prefix}miro:grant:app:before`, `miro1 version ${Date.now()} ${at + 1}\nbody`)
    for (let index = 0; index < 30; index++) await store.cas(`miro:grant:app:${index}`, null, { body: 'one', expiresAt: at + 10 * index + 10 })
    await store.cas('miro:grant:other:1', null, { body: 'one', expiresAt: at })
    await store.cas('miro:grant:app:never', null, { body: 'one', expiresAt: null })
    await store.cas('miro:session:app:1', null, { body: 'one', expiresAt: at })
    const due = { prefix: 'miro:grant:app:', expiresBefore: at + 100, limit: 4 }
    const expected = ['before', ...Array.from({ length: 9 }, (_, index) => String(index))].map((name) => `miro:grant:app:${name}`)
    t.strictSame((await pagesOf(store, due)).flat().sort(), [...expected].sort(), 'by a walk')
    t.strictSame(await pagesOf(store, due), [expected.slice(0, 3), expected.slice(3, 7), expected.slice(7)])
    t.strictSame((await store.scan?.({ ...due, expiresBefore: at }))?.cursor, undefined)

    const moved = await store.get('miro:grant:app:1')
    await store.cas('miro:grant:app:1', moved?.version ?? '', { body: 'two', expiresAt: at + minuteMs })
    await store.cas('miro:grant:app:2', (await store.get('miro:grant:app:2'))?.version ?? '', null)
    await plain.del(`${prefix}miro:grant:app:3`)
    const left = expected.filter((key) => !/[123]$/.test(key))
    t.strictSame((await pagesOf(store, due)).flat(), left)

    await store.cas('miro:grant:app:new', null, { body: 'one', expiresAt: at + 99 })
    await store.cas('miro:grant:app:20', (await store.get('miro:grant:app:20'))?.version ?? '', { body: 'two', expiresAt: at })
    left.unshift('miro:grant:app:20')
    left.push('miro:grant:app:new')
    t.strictSame((await pagesOf(store, due)).flat(), left, 'what is written later is in it at once')

    await plain.del(`${prefix}miro:expiry:grant`)
    t.strictSame((await pagesOf(store, due)).flat().sort(), [...left].sort(), 'an index that is gone is made anew')
    t.strictSame((await pagesOf(store, due)).flat(), left)
  })

  t.test('expiry index: entries that expire at one instant are found once each, and those that are over leave it', async (t) => {
    const { store, prefix } = ownStore(plain)
    const at = Date.now() + minuteMs
    const keys = Array.from({ length: 25 }, (_, index) => `miro:grant:app:${String.fromCharCode(97 + index)}`)
    for (const key of keys) await store.cas(key, null, { body: 'one', expiresAt: at })
    await store.cas('miro:grant:app:soon', null, { body: 'one', expiresAt: Date.now() + 30 })
    const due = { prefix: 'miro:grant:app:', expiresBefore: at + 1, limit: 4 }
    await pagesOf(store, due)
    await sleep(60)
    t.strictSame((await pagesOf(store, due)).flat(), keys)
    t.equal(await plain.zcard(`${prefix}miro:expiry:grant`), 25 + 1, 'and the note that it is complete')
    await store.cas('miro:revocation:app:1', null, { body: 'one', expiresAt: at })
    for (let turn = 0; turn < 2; turn++) {
      const all = { prefix: 'miro:revocation:app:', expiresBefore: null, limit: 4 }
      t.strictSame((await pagesOf(store, all)).flat(), ['miro:revocation:app:1'])
    }
  })

  t.test('expiry index: a server that refuses keys of several slots is used without it', async (t) => {
    const proxy: RedisClient = {
      status: plain.status,
      options: plain.options,
      async call (command, ...args) {
        if (command.startsWith('eval') && Number(args[1]) > 1) throw new Error("CROSSSLOT Keys in request don't hash to the same slot")
        return plain.call(command, ...args)
      }
    }
    const { store, prefix } = ownStore(proxy)
    const written = await store.cas('miro:grant:app:1', null, { body: 'one', expiresAt: Date.now() + minuteMs })
    t.equal(written.ok, true)
    t.equal(await plain.exists(`${prefix}miro:expiry:grant`), 0)
    t.strictSame((await pagesOf(store, { prefix: 'miro:grant:app:', expiresBefore: Date.now() + 2 * minuteMs, limit: 5 })).flat(), ['miro:grant:app:1'])
  })

  t.test('scan: keys of a client with a prefix of its own are found and named without it', async (t) => {
    const keyPrefix = `[${process.pid}]*`
    const withPrefix = createClient({ url: server.url, keyPrefix })
    await withPrefix.connect()
    t.teardown(() => withPrefix.destroy())
    const { client, close } = await openIoredis(server.url, { keyPrefix })
    t.teardown(close)
    for (const each of [client, withPrefix]) {
      const { store, prefix } = ownStore(each)
      await store.cas('key', null, { body: 'one', expiresAt: null })
      t.equal(await plain.exists(`${keyPrefix}${prefix}key`), 1)
      t.strictSame(await keysOf(store, 'k'), ['key'])
    }
  })

  t.test('store: clients that return bytes, or speak RESP2, work too', async (t) => {
    const bytes = createClient({
      url: server.url,
      commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.SIMPLE_STRING]: Buffer } }
    })
    const older = createClient({ url: server.url, RESP: 2 })
    for (const client of [bytes, older]) {
      await client.connect()
      t.teardown(() => client.destroy())
      const { store } = ownStore(client)
      const written = await store.cas('key', null, { body: '{"é":1}', expiresAt: null })
      const found = await store.get('key')
      t.equal(found?.body, '{"é":1}')
      t.strictSame(written, { ok: true, version: found?.version })
      t.strictSame(await keysOf(store, 'k'), ['key'])
    }
  })

  async function dump (prefix: string): Promise<unknown[]> {
    return Promise.all((await plain.keys(`${prefix}*`)).sort().map(async (name) => [name, await plain.type(name), await plain.dump(name)]))
  }
}

async function pagesOf (store: Store, query: ScanQuery): Promise<string[][]> {
  const pages: string[][] = []
  for (let cursor: string | undefined; ;) {
    const page = await store.scan?.({ ...query, ...(cursor === undefined ? {} : { cursor }) }) ?? { keys: [] }
    pages.push(page.keys)
    cursor = page.cursor
    if (cursor === undefined) return pages
  }
}

async function keysOf (store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.scan?.({
      prefix,
      expiresBefore: null,
      limit: 1000,
      ...(cursor === undefined ? {} : { cursor })
    })
    keys.push(...page?.keys ?? [])
    cursor = page?.cursor
  } while (cursor !== undefined)
  return keys
}

t.test('options: every kind of client fits without a cast, and any other value is refused', async (t) => {
  const offline = { lazyConnect: true }
  const clients: RedisClient[] = [
    new Redis(offline),
    new Redis({ ...offline, sentinels: [{ port: 1 }], name: 'primary' }),
    new Redis({ ...offline, protocol: 3, replyMapping: 'resp3' }),
    new Cluster([], { ...offline, redisOptions: { keyPrefix: 'x' } }),
    createClient(),
    createClient({ RESP: 2, keyPrefix: 'x' }),
    createSentinel({ name: 'primary', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }),
    createCluster({ rootNodes: [] })
  ]
  for (const client of clients) t.equal(typeof redisStore({ client }).cas, 'function')
  t.strictSame(clients.map((client) => 'getAll' in redisStore({ client })), [true, true, true, false, true, true, true, false], 'in a Cluster the keys of several records are on several servers')
  for (const client of [undefined, null, {}, 'redis://127.0.0.1', { get () {}, set () {} }, Redis]) {
    // @ts-expect-error no client
    t.throws(() => redisStore({ client }), { code: 'MIRO_CONFIG', message: 'The option client must be a client of ioredis or of redis (node-redis): redisStore({ client }).' })
  }
  // @ts-expect-error no text
  t.throws(() => redisStore({ client: clients[0], prefix: 1 }), new ConfigError('The option prefix must be a text.'))
})

t.test('readme: its examples are the tested files', async (t) => {
  const read = (path: string): Promise<string> => readFile(path, 'utf8')
  const blocks = Array.from((await read('README.md')).matchAll(/^```[jt]s\n(.*?)^```/gms), ([, code]) => code)
  t.strictSame(blocks, [await read('test/fixtures/readme/ioredis.ts'), await read('test/fixtures/readme/node-redis.ts')])
})
