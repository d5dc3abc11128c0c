import type { BackendAddress } from './backend-kind.js'
import type { Backend } from './backend.js'
import { openMemory } from './memory.js'
import { openPostgres } from './postgres.js'
import { openRedis } from './redis.js'
import { openSqlite } from './sqlite.js'

/** @param limit how many records of a kind the store in memory holds. Default its own */
export async function openBackend ({ kind, url }: BackendAddress, limit?: number): Promise<Backend> {
  if (kind === 'redis') return openRedis(url)
  if (kind === 'postgres') return openPostgres(url)
  return kind === 'sqlite' ? openSqlite() : openMemory(limit)
}
