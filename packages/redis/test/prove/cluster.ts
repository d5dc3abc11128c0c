import type { ScanQuery, Store } from '@miro-oauth/core'
import { Cluster, Redis } from 'ioredis'
import { createCluster } from 'redis'
import t from 'tap'
import type { RedisClient } from '../../src/index.js'
import { ownStore } from '../fixtures/clients.js'
import { startCluster } from '../fixtures/cluster.js'

const names = Array.from({ length: 60 }, (_, index) => `miro:grant:app:${index}`)

async function pagesOf (store: Store, query: ScanQuery): Promise<string[][]> {
  const pages: string[][] = []
  let { cursor } = query
  do {
    const page = await store.scan?.({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    pages.push(page?.keys ?? [])
    cursor = page?.cursor
  } while (cursor !== undefined)
  return pages
}

const cluster = await startCluster()
if (cluster !== null) {
  t.teardown(() => cluster.stop())
  const [first = 0] = cluster.ports
  const nodes = cluster.ports.map((port) => new Redis(port))
  t.teardown(() => { for (const node of nodes) node.disconnect() })
  const setEverywhere = (policy: string): Promise<unknown> => Promise.all(nodes.slice(1).map((node) => node.call('config', 'set', 'maxmemory-policy', policy)))

  const ioredis = new Cluster([first], { lazyConnect: true, keyPrefix: 'ours:' })
  const nodeRedis = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${first}` }], minimizeConnections: true })
  await nodeRedis.connect()
  t.teardown(() => { ioredis.disconnect(); nodeRedis.destroy() })

  const clients: Record<string, RedisClient> = { ioredis, 'node-redis': nodeRedis }
  for (const [name, client] of Object.entries(clients)) {
    t.test(`cluster: with ${name} it works like one server, and a scan goes through all masters`, async (t) => {
      const { store } = ownStore(client)
      const versions = await Promise.all(names.map((key) => store.cas(key, null, { body: key, expiresAt: null })))
      for (const node of nodes) {
        t.ok(Number(await node.dbsize()) > 5, 'each master has some of the keys')
        await node.call('script', 'flush')
      }
      for (const [index, key] of names.entries()) {
        const found = await store.get(key)
        t.match([found?.body, found?.version], [key, versions[index]?.ok === true ? versions[index].version : ''])
      }
      for (const limit of [7, 1000]) {
        const pages = await pagesOf(store, { prefix: 'miro:grant:', expiresBefore: null, limit })
        t.strictSame(pages.flat().sort(), [...names].sort())
        t.ok(pages.length >= 3)
      }
      await t.rejects(pagesOf(store, { prefix: 'miro:', expiresBefore: null, limit: 1, cursor: '127.0.0.1:1 0' }), { message: /Begin it again/ })
    })

    t.test(`cluster: with ${name} one master that evicts is refused`, async (t) => {
      const { store } = ownStore(client)
      await setEverywhere('allkeys-lru')
      await t.rejects(store.get('key'), { code: 'MIRO_CONFIG' })
      await setEverywhere('noeviction')
      t.equal(await store.get('key'), null)
    })
  }
}
