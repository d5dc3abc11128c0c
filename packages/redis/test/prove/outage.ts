import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { openIoredis, openNodeRedis, ownStore } from '../fixtures/clients.js'
import { startLossyProxy } from '../fixtures/lossy-proxy.js'
import { body, eventually, insert } from '../fixtures/outage.js'
import { startOwnRedis } from '../fixtures/own-server.js'

function usedHeap (): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

const server = await startOwnRedis()
if (server !== null) {
  t.teardown(() => server.stop())

  for (const [name, open] of Object.entries({ ioredis: openIoredis, 'node-redis': openNodeRedis })) {
    t.test(`outage: with ${name} as recommended, calls fail soon, pile up nowhere, and work afterwards`, async (t) => {
      const proxy = await startLossyProxy(server.url)
      t.teardown(() => proxy.down())
      const { client, close } = await open(proxy.url, { giveUpMs: 500 })
      t.teardown(close)
      const { store } = ownStore(client)
      const version = await insert(store)
      let slowest = 0
      const attempt = async (): Promise<void> => {
        const since = performance.now()
        const calls = Array.from({ length: 200 }, () => store.cas('key', version, { body: body.repeat(50), expiresAt: null }))
        if ((await Promise.allSettled(calls)).some(({ status }) => status === 'fulfilled')) throw new Error('A call succeeded.')
        slowest = Math.max(slowest, performance.now() - since)
      }
      for (const begin of [proxy.down, proxy.hang]) {
        await begin()
        await attempt()
        const before = usedHeap()
        for (let round = 0; round < (begin === proxy.down ? 20 : 3); round++) await attempt()
        t.ok(usedHeap() - before < 4_000_000, 'failed calls leave nothing in memory')
        t.ok(slowest < 30_000, 'in time')
        await proxy.up()
        await eventually(() => store.get('key'))
        t.match(await store.get('key'), { body })
      }
    })

    t.test(`restart: with ${name} a killed server has every acknowledged write, and no call hangs`, async (t) => {
      const { client, close } = await open(server.url)
      t.teardown(close)
      const { store } = ownStore(client)
      const acknowledged: string[] = []
      const stop = new AbortController()
      const workers = Promise.all(Array.from({ length: 4 }, async (_, worker) => {
        for (let number = 0; !stop.signal.aborted; number++) {
          const key = `${worker}:${number}`
          const done = await insert(store, key).then(() => true, () => false)
          if (done) acknowledged.push(key)
          else await sleep(5)
        }
      }))
      await sleep(50)
      await server.restart()
      const before = acknowledged.length
      await eventually(async () => { if (acknowledged.length === before) throw new Error('No writer works again.') })
      stop.abort()
      await workers
      const found = await Promise.all(acknowledged.map((key) => store.get(key)))
      t.ok(found.length > before && found.every((entry) => entry?.body === body))
    })
  }
}
