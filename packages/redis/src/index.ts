export { redisStore, type RedisStoreOptions } from './redis-store.js'
export type { IoredisClient, NodeRedisClient, RedisClient, ScriptArguments } from './redis-client.js'
