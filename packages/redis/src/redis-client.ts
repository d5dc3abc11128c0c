/** The part of an ioredis client that the store uses: `new Redis(…)`, also with Sentinels, and `new Cluster(…)`. */
export interface IoredisClient {
  call: (command: string, ...args: string[]) => Promise<unknown>
  status: string
  options: { keyPrefix?: string | undefined, host?: string | undefined, port?: number | undefined }
  nodes?: (role: 'master') => IoredisClient[]
}

/**
 * The part of a node-redis client that the store uses: `createClient(…)`, `createSentinel(…)` and `createCluster(…)`.
 */
export interface NodeRedisClient {
  eval: (script: string, options: ScriptArguments) => Promise<unknown>
  evalSha: (sha1: string, options: ScriptArguments) => Promise<unknown>
  info: (section: string) => Promise<unknown>
  scan: (cursor: string, options: { MATCH: string, COUNT: number }) => Promise<{ cursor: unknown, keys: unknown }>
  masters?: ReadonlyArray<{ address: string }>
  nodeClient?: (node: never) => Promise<unknown>
}

/** A client of either library, connected and configured by the app. */
export type RedisClient = IoredisClient | NodeRedisClient

/** What node-redis takes beside a script: `KEYS` and `ARGV` in Lua. */
export interface ScriptArguments {
  keys: string[]
  arguments: string[]
}
