import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { ConfigError } from '@miro-oauth/core'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import t from 'tap'
import { redisStore, type IoredisClient } from '../src/index.js'
import { openIoredis, openNodeRedis, ownStore } from './fixtures/clients.js'
import { body, eventually, insert, secret } from './fixtures/outage.js'
import { startLossyProxy } from './fixtures/lossy-proxy.js'
import { startOwnRedis } from './fixtures/own-server.js'

/** The error of a call that must reject. */
async function failureOf (call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    return error
  }
  throw new Error('It did not fail.')
}

/** Everything that `inspect` shows of a failure. */
function shown (failure: unknown): string {
  return inspect(failure, { showHidden: true, depth: null })
}

const server = await startOwnRedis()
if (server !== null) {
  t.teardown(() => server.stop())
  const { client: admin, close } = await openIoredis(server.url, { maxRetriesPerRequest: 20, enableOfflineQueue: true })
  t.teardown(close)
  const set = (name: string, value: string): Promise<unknown> => admin.call('config', 'set', name, value)

  for (const [name, open] of Object.entries({ ioredis: openIoredis, 'node-redis': openNodeRedis })) {
    t.test(`errors: with ${name} an error has a message and a code, and nothing that was written`, async (t) => {
      const { client, close } = await open(server.url)
      const { store, prefix } = ownStore(client)
      const version = await insert(store)
      const write = (): Promise<unknown> => failureOf(store.cas('key', version, { body, expiresAt: Date.now() + 60_000 }))
      const failures: Record<string, unknown> = {}

      await set('maxmemory', '1')
      failures['OOM'] = await write()
      t.match(await store.get('key'), { body, version }, 'a refused write leaves the old record')
      await set('maxmemory', '0')

      await admin.call('replicaof', '127.0.0.1', '1')
      failures['READONLY'] = await write()
      await eventually(() => store.get('key'))
      failures['READONLY '] = await failureOf(store.cas('key', version, null))
      await admin.call('replicaof', 'no', 'one')
      await eventually(() => store.get('key'))

      await admin.call('acl', 'setuser', 'default', '-evalsha')
      failures['NOPERM'] = await write()
      await admin.call('acl', 'setuser', 'default', '+evalsha')

      t.match(await store.get('key'), { body, version })
      close()
      failures[''] = await write()

      for (const [code, failure] of Object.entries(failures)) {
        t.ok(failure instanceof Error && failure.message !== '')
        if (code !== '') t.match(failure, { code: code.trim() })
        t.notMatch(shown(failure), secret)
        t.notMatch(shown(failure), prefix)
      }
    })

    t.test(`errors: with ${name} as recommended, a lost answer rejects, and the written record is found`, async (t) => {
      const proxy = await startLossyProxy(server.url)
      t.teardown(() => proxy.down())
      const { client, close } = await open(proxy.url)
      t.teardown(close)
      const { store } = ownStore(client)
      await store.get('key')
      proxy.loseNextAnswer()
      t.notMatch(shown(await failureOf(insert(store))), secret)
      await eventually(() => store.get('key'))
      t.match(await store.get('key'), { body })
    })

    t.test(`script: with ${name} the script is loaded again after a flush`, async (t) => {
      const { client, close } = await open(server.url)
      t.teardown(close)
      const { store } = ownStore(client)
      let version = await insert(store)
      for (let number = 0; number < 50; number++) {
        const [, written] = await Promise.all([admin.call('script', 'flush'), store.cas('key', version, { body: String(number), expiresAt: null })])
        if (written.ok) version = written.version
      }
      t.match(await store.get('key'), { body: '49' })
    })
  }

  t.test('failover: ioredis as recommended connects anew where its server has become a replica', async (t) => {
    const { client, close } = await openIoredis(server.url)
    t.teardown(close)
    const { store } = ownStore(client)
    await insert(store)
    await admin.call('replicaof', '127.0.0.1', '1')
    const connected = once(client, 'ready')
    t.match(await failureOf(insert(store, 'other')), { code: 'READONLY' })
    await admin.call('replicaof', 'no', 'one')
    await connected
    await insert(store, 'other')
  })

  t.test('errors: an ACL that denies a command inside of a script is NOPERM, and says what the scripts need', async (t) => {
    const client = new Redis(server.url, { username: 'few', password: 'password', lazyConnect: true })
    t.teardown(() => client.disconnect())
    for (const command of ['get', 'set', 'del', 'time']) {
      await admin.call('acl', 'setuser', 'few', 'reset', 'on', '>password', '~*', '+@all', `-${command}`)
      if (client.status !== 'ready') await client.connect()
      const { store } = ownStore(client)
      const failure = await failureOf(insert(store).then((version) => store.cas('key', version, null)))
      t.match(failure, { code: 'NOPERM', message: new RegExp(`\\+${command}|'${command}'`) })
    }
    await admin.call('acl', 'setuser', 'few', 'reset', 'on', '>password', '~elsewhere:*', '+@all')
    t.match(await failureOf(redisStore({ client }).get('key')), { code: 'NOPERM' })
  })

  t.test('cas: a write that the client sends again after a lost answer is recognised by its version', async (t) => {
    const proxy = await startLossyProxy(server.url)
    t.teardown(() => proxy.down())
    const { client, close } = await openIoredis(proxy.url, { maxRetriesPerRequest: 20 })
    t.teardown(close)
    const { store } = ownStore(client)
    await store.get('key')

    proxy.loseNextAnswer()
    const inserted = await store.cas('key', null, { body: 'one', expiresAt: null })
    t.ok(inserted.ok && inserted.version === (await store.get('key'))?.version)

    proxy.loseNextAnswer()
    const updated = await store.cas('key', inserted.ok ? inserted.version : '', { body: 'two', expiresAt: null })
    t.ok(updated.ok && updated.version === (await store.get('key'))?.version)
    t.match(await store.get('key'), { body: 'two' })

    proxy.loseNextAnswer()
    const deleted = await store.cas('key', updated.ok ? updated.version : '', null)
    t.strictSame(deleted, { ok: false, current: null }, 'a delete that is sent again finds no entry')
    t.equal(await store.get('key'), null)
  })

  t.test('eviction: a server that evicts is refused until its policy is right, and then not asked again', async (t) => {
    const asked: string[] = []
    const client: IoredisClient = {
      status: 'ready',
      options: {},
      call (command, ...args) {
        asked.push(command)
        return admin.call(command, ...args)
      }
    }
    const { store } = ownStore(client)
    const policies = ['allkeys-lru', 'allkeys-lfu', 'allkeys-random', 'volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl']
    for (const policy of policies) {
      await set('maxmemory-policy', policy)
      await t.rejects(store.get('key'), new ConfigError(`Redis has the setting maxmemory-policy ${policy}, and would throw away grants and sessions. Set it to noeviction.`))
      await t.rejects(insert(store), { code: 'MIRO_CONFIG' })
    }
    t.notOk(asked.includes('eval'), 'nothing is read or written')
    await set('maxmemory-policy', 'noeviction')
    asked.length = 0
    await Promise.all([store.get('one'), store.get('two')])
    await insert(store)
    t.equal(asked.filter((command) => command === 'info').length, 1)
  })

  t.test('eviction: a server that could not be asked is asked again', async (t) => {
    const proxy = await startLossyProxy(server.url)
    t.teardown(() => proxy.down())
    const { client, close } = await openNodeRedis(proxy.url)
    t.teardown(close)
    await proxy.down()
    const { store } = ownStore(client)
    await failureOf(store.get('key'))
    await set('maxmemory-policy', 'allkeys-lru')
    await proxy.up()
    await eventually(async () => {
      if (!(await failureOf(store.get('key')) instanceof ConfigError)) throw new Error('It was not asked again.')
    })
    await set('maxmemory-policy', 'noeviction')
    t.equal(await store.get('key'), null)
  })

  t.test('eviction: a server that forbids the question is used, with one warning', async (t) => {
    await admin.call('acl', 'setuser', 'limited', 'on', '>password', '~*', '+@all', '-@dangerous')
    const client = createClient({ url: server.url.replace('redis://', 'redis://limited:password@') })
    await client.connect()
    t.teardown(() => client.destroy())
    const warnings: unknown[] = []
    const listen = (warning: Error & { code?: string }): void => { warnings.push(warning.code) }
    process.on('warning', listen)
    t.teardown(() => process.off('warning', listen))
    const { store } = ownStore(client)
    await insert(store)
    t.match(await store.get('key'), { body })
    await sleep(1)
    t.strictSame(warnings, ['MIRO_REDIS_POLICY'])
  })
}

t.test('errors: arguments that Redis quotes of an unknown command are left out', async (t) => {
  const ask = {
    status: 'ready',
    options: {},
    async call (command: string) {
      if (command === 'info') return 'maxmemory_policy:noeviction'
      throw new Error(`ERR unknown command '${command}', with args beginning with: '${body}'`)
    }
  }
  const failure = await failureOf(insert(redisStore({ client: ask })))
  t.notMatch(shown(failure), secret)
  t.match(failure, { message: 'ERR unknown command \'evalsha\'', code: 'ERR' })
})

t.test('errors: the code is found behind the script line of Redis 6.2', async (t) => {
  const ask = {
    status: 'ready',
    options: {},
    async call (command: string) {
      if (command === 'info') return 'maxmemory_policy:noeviction'
      throw new Error('@user_script: 40: -OOM command not allowed when used memory > \'maxmemory\'.')
    }
  }
  t.match(await failureOf(insert(redisStore({ client: ask }))), { code: 'OOM' })
})
