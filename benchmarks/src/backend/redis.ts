import { redisStore } from '@miro-oauth/redis'
import { Redis } from 'ioredis'
import type { Backend } from './backend.js'

/** One client, which sends all commands over one connection, as apps do with ioredis. */
export async function openRedis (url: string): Promise<Backend> {
  const client = new Redis(url)
  const get = (id: string): Promise<string | null> => client.get(`text:${id}`)
  return {
    kind: 'redis',
    store: redisStore({ client }),
    texts: {
      get,
      set: async (id, text) => { await client.set(`text:${id}`, text, 'EX', 86_400) },
      delete: async (id) => { await client.del(`text:${id}`) }
    },
    getPrepared: get,
    clear: async () => { await client.flushdb() },
    bytes: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
    close: async () => { await client.quit() }
  }
}
