export { freePort } from './free-port.js'
export { startPostgres } from './postgres.js'
export { startRedis } from './redis.js'
export type { TestServer } from './test-server.js'
