import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { storeContract } from '@miro-oauth/core/testing'
import { startRedis } from '@miro-oauth/test-servers'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import t from 'tap'
import { redisStore, type RedisClient } from '../src/index.js'

const server = await startRedis()

if (server !== null) {
  t.teardown(() => server.stop())
  const ioredis = new Redis(server.url)
  const nodeRedis = await createClient({ url: server.url }).connect()
  t.teardown(() => { ioredis.disconnect(); nodeRedis.destroy() })

  const clients: Record<string, RedisClient> = { ioredis, 'node-redis': nodeRedis }
  for (const [name, client] of Object.entries(clients)) {
    t.test(`with ${name} the store keeps the contract:`, async (t) => {
      const cases = storeContract(async () => ({ store: redisStore({ client, prefix: randomUUID() }), wait: async (ms) => { await sleep(ms) } }))
      for (const { name, run } of cases) t.test(name, run)
    })
  }
}
