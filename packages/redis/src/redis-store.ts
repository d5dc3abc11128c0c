import { randomUUID } from 'node:crypto'
import { ConfigError, MiroError, type Entry, type Store } from '@miro-oauth/core'
import { requireKnown } from '@miro-oauth/core/internal'
import type { Commands } from './commands.js'
import { evictionCheck } from './eviction-policy.js'
import { ExpiryIndex } from './expiry-index.js'
import { ioredisCommands } from './ioredis-commands.js'
import { nodeRedisCommands } from './node-redis-commands.js'
import { RecordReader } from './read-records.js'
import { parseCasReply, type CasReply } from './record-reply.js'
import type { IoredisClient, NodeRedisClient, RedisClient } from './redis-client.js'
import { toFailure } from './redis-failure.js'
import { scanPage } from './scan.js'
import { casScript, runScript } from './script.js'

/** Settings of {@link redisStore}. */
export interface RedisStoreOptions {
  /** A client of `ioredis` or `redis` (node-redis), connected to the primary. The app connects and closes it. */
  client: RedisClient
  /** Text put before every key, for several environments in one Redis. Default none. */
  prefix?: string | undefined
}

/**
 * Keeps everything in Redis or Valkey, where all processes share it.
 *
 * A call is one run of a script: of a compare-and-set on one key, or of a read. Reads of one turn of the event loop are
 * one run, but not in a Cluster, where their keys are on several servers. The first call asks for `maxmemory-policy`
 * too.
 *
 * @throws {ConfigError} at once: `client` or `prefix` has a wrong type; from its methods: Redis evicts
 */
export function redisStore (options: RedisStoreOptions): Store {
  const { client, prefix = '' }: Partial<RedisStoreOptions> = typeof options === 'object' && options !== null ? options : {}
  const commands = toCommands(client)
  requireKnown('', options, { client: true, prefix: true })
  if (typeof prefix !== 'string') throw new ConfigError('The option prefix must be a text.')
  const check = evictionCheck(commands)

  const reader = new RecordReader(commands)
  const index = new ExpiryIndex(commands, prefix)

  async function swap (key: string, args: string[]): Promise<CasReply> {
    return index.attempt(async (withIndex) => {
      const set = withIndex ? index.setOf(key) : null
      const keys = set === null ? [prefix + key] : [prefix + key, set]
      return parseCasReply(await runScript(commands, casScript, { keys, args }))
    })
  }

  async function guard<T> (operation: () => Promise<T>): Promise<T> {
    try {
      await check()
      return await operation()
    } catch (error) {
      throw error instanceof MiroError ? error : toFailure(error)
    }
  }

  return {
    get: (key) => guard(async () => {
      const [found = null] = await reader.readAll([prefix + key], 'whole')
      if (found instanceof Error) throw found
      return found
    }),

    ...(commands.isCluster
      ? {}
      : { getAll: (keys) => guard(() => reader.readAll(keys.map((key) => prefix + key), 'whole')) }),

    cas: (key, expected, next) => guard(async () => {
      const version = randomUUID()
      const state = expected === null ? 'absent' : `version ${expected}`
      const reply = await swap(key, [state, version, key, ...toArguments(next)])
      if (reply.done && reply.isUnindexed) index.giveUp()
      return reply.done ? { ok: true, version } : { ok: false, current: reply.current }
    }),

    scan: (query) => guard(() => scanPage({ commands, reader, index, prefix }, query))
  }
}

/** Redis takes whole milliseconds as an expiry; the record keeps the exact one. */
function toArguments (next: Entry | null): string[] {
  if (next === null) return []
  const { body, expiresAt } = next
  return expiresAt === null ? ['', '', body] : [String(expiresAt), String(Math.ceil(expiresAt)), body]
}

function toCommands (client: unknown): Commands {
  if (isIoredis(client)) return ioredisCommands(client)
  if (isNodeRedis(client)) return nodeRedisCommands(client)
  throw new ConfigError('The option client must be a client of ioredis or of redis (node-redis): redisStore({ client }).')
}

function isIoredis (client: unknown): client is IoredisClient {
  return hasFunctions(client, 'call') && 'options' in client
}

function isNodeRedis (client: unknown): client is NodeRedisClient {
  return hasFunctions(client, 'evalSha', 'eval', 'info', 'scan')
}

function hasFunctions (client: unknown, ...names: string[]): client is object {
  return typeof client === 'object' && client !== null &&
    names.every((name) => typeof Reflect.get(client, name) === 'function')
}
