import { setTimeout as sleep } from 'node:timers/promises'
import type { ScanQuery, Store } from '@miro-oauth/core'
import { Redis } from 'ioredis'
import t from 'tap'
import { redisStore, type RedisClient } from '../src/index.js'
import { openIoredis, ownStore } from './fixtures/clients.js'
import { startOwnRedis } from './fixtures/own-server.js'

const minuteMs = 60_000
const index = 'miro:expiry:grant'

async function keysOf (store: Store, query: ScanQuery): Promise<string[]> {
  const { keys = [], cursor } = await store.scan?.(query) ?? {}
  return cursor === undefined ? keys : [...keys, ...await keysOf(store, { ...query, cursor })]
}

function dueBefore (expiresBefore: number): ScanQuery {
  return { prefix: 'miro:grant:app:', expiresBefore, limit: 10 }
}

const server = await startOwnRedis()
if (server !== null) {
  t.teardown(() => server.stop())
  const { client: admin, close } = await openIoredis(server.url)
  t.teardown(close)
  const warnings: string[] = []
  process.on('warning', (warning) => { if ('code' in warning) warnings.push(String(warning.code)) })

  /** A store of a user with other rights than all. */
  async function storeOf (...rights: string[]): Promise<Store> {
    await admin.call('acl', 'setuser', 'app', 'reset', 'on', '>pass', '+@all', '~*', ...rights)
    const client = new Redis(server?.url ?? '', { username: 'app', password: 'pass', lazyConnect: true })
    await client.connect()
    t.teardown(() => client.disconnect())
    return redisStore({ client })
  }

  const denials = {
    'without ZADD': ['-zadd'],
    'without ZSCORE': ['-zscore'],
    'without a right to the key of the index': ['resetkeys', '~miro:grant:*'],
    'without any command of sorted sets': ['-@sortedset']
  }
  for (const [name, rights] of Object.entries(denials)) {
    t.test(`expiry index: with an ACL ${name}, grants are written and found without it, and it warns once`, async (t) => {
      await admin.flushall()
      warnings.length = 0
      const store = await storeOf(...rights)
      const expiresAt = Date.now() + minuteMs
      const keys = ['a', 'b', 'c'].map((key) => `miro:grant:app:${key}`)
      const written = await Promise.all(keys.map((key) => store.cas(key, null, { body: 'one', expiresAt })))
      t.ok(written.every(({ ok }) => ok), 'also where several are under way at the first refusal')
      for (let turn = 0; turn < 2; turn++) t.strictSame((await keysOf(store, dueBefore(expiresAt + 1))).sort(), keys)
      const version = (await store.get('miro:grant:app:a'))?.version ?? ''
      t.match(await store.cas('miro:grant:app:a', version, { body: 'two', expiresAt }), { ok: true })
      await sleep(0)
      t.strictSame(warnings, ['MIRO_REDIS_INDEX'])
    })
  }

  t.test('expiry index: where one process may not write it, the others find its grants by a walk', async (t) => {
    await admin.flushall()
    const indexing = redisStore({ client: admin })
    const expiresAt = Date.now() + minuteMs
    const due = dueBefore(expiresAt + 1)
    await keysOf(indexing, due)
    await (await storeOf('-zadd')).cas('miro:grant:app:a', null, { body: 'one', expiresAt })
    t.strictSame(await keysOf(indexing, due), ['miro:grant:app:a'])
  })

  t.test('expiry index: a value of another app in its place is left as it is, and no grant is lost for it', async (t) => {
    await admin.flushall()
    await admin.set(index, 'of another app')
    const store = redisStore({ client: admin })
    const expiresAt = Date.now() + minuteMs
    t.match(await store.cas('miro:grant:app:a', null, { body: 'one', expiresAt }), { ok: true })
    t.strictSame(await keysOf(store, dueBefore(expiresAt + 1)), ['miro:grant:app:a'])
    t.equal(await admin.get(index), 'of another app')
  })

  t.test('expiry index: one that is deleted alone is made anew by the next scan, its note went with it', async (t) => {
    await admin.flushall()
    const store = redisStore({ client: admin })
    const expiresAt = Date.now() + minuteMs
    await store.cas('miro:grant:app:a', null, { body: 'one', expiresAt })
    await keysOf(store, dueBefore(expiresAt + 1))
    await admin.del(index)
    await store.cas('miro:grant:app:b', null, { body: 'one', expiresAt })
    t.strictSame((await keysOf(store, dueBefore(expiresAt + 1))).sort(), ['miro:grant:app:a', 'miro:grant:app:b'])
  })

  t.test('expiry index: writes remove members that have expired, so that it does not grow where no scan reads it', async (t) => {
    await admin.flushall()
    const store = redisStore({ client: admin })
    for (let number = 0; number < 20; number++) {
      await store.cas(`miro:grant:app:${number}`, null, { body: 'one', expiresAt: Date.now() + 20 })
    }
    await sleep(30)
    for (let number = 20; number < 32; number++) {
      await store.cas(`miro:grant:app:${number}`, null, { body: 'one', expiresAt: Date.now() + minuteMs })
    }
    t.equal(await admin.zcard(index), 12)
  })

  t.test('expiry index: a grant that is written while a scan with a wrong cursor fails is in it all the same', async (t) => {
    await admin.flushall()
    const { client, close } = await openIoredis(server.url)
    t.teardown(close)
    let scans = 0
    let hold: (goOn: () => void) => void = () => {}
    const held = new Promise<() => void>((resolve) => { hold = resolve })
    const slow: RedisClient = {
      status: client.status,
      options: client.options,
      async call (command, ...args) {
        if (command === 'scan' && ++scans === 2) await new Promise<void>((resolve) => hold(resolve))
        return client.call(command, ...args)
      }
    }
    const store = redisStore({ client: slow })
    const key = 'miro:grant:app:a'
    const begun = Promise.resolve(store.scan?.({ prefix: 'miro:grant:', expiresBefore: null, limit: 10, cursor: ' wrong' })).catch((error: unknown) => error)
    const goOn = await held
    t.match(await store.cas(key, null, { body: 'one', expiresAt: Date.now() + minuteMs }), { ok: true })
    goOn()
    t.match(await begun, { code: 'ERR' })
    t.type(await admin.zscore(index, key), 'string')
  })

  t.test('expiry index: eight grants whose first writes meet a node of a Cluster are all written', async (t) => {
    await admin.flushall()
    const proxy: RedisClient = {
      status: admin.status,
      options: admin.options,
      async call (command, ...args) {
        await sleep(5)
        if (command.startsWith('eval') && Number(args[1]) > 1) throw new Error("CROSSSLOT Keys in request don't hash to the same slot")
        return admin.call(command, ...args)
      }
    }
    const { store } = ownStore(proxy)
    const written = await Promise.all(Array.from({ length: 8 }, (_, number) => {
      return store.cas(`miro:grant:app:${number}`, null, { body: 'one', expiresAt: null })
    }))
    t.ok(written.every(({ ok }) => ok))
  })
}
