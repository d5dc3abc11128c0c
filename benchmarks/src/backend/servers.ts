import { startPostgres, startRedis, sqliteLibraries, type TestServer } from '@miro-oauth/test-servers'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { BackendAddress, BackendKind } from './backend-kind.js'

/** The servers of a run, which start when a section first needs them. */
export class Servers {
  readonly #started = new Map<BackendKind, TestServer | null>()
  #sqlite: boolean | undefined
  /** The versions of those that were started. */
  readonly versions: Record<string, string> = {}

  /** `null`: this machine has none; a notice was printed. */
  async address (kind: BackendKind): Promise<BackendAddress | null> {
    if (kind === 'memory') return { kind, url: '' }
    if (kind === 'sqlite') return this.#hasSqlite() ? { kind, url: '' } : null
    if (!this.#started.has(kind)) this.#started.set(kind, await this.#start(kind))
    const server = this.#started.get(kind) ?? null
    return server === null ? null : { kind, url: server.url }
  }

  /** Asked once, since it prints a notice where there is none. */
  #hasSqlite (): boolean {
    this.#sqlite ??= sqliteLibraries().length > 0
    return this.#sqlite
  }

  async close (): Promise<void> {
    for (const server of this.#started.values()) await server?.stop()
    this.#started.clear()
  }

  /** With the durability that each has by default, where tests do without. */
  async #start (kind: 'redis' | 'postgres'): Promise<TestServer | null> {
    const server = kind === 'redis'
      ? await startRedis({ appendfsync: 'everysec' })
      : await startPostgres({ fsync: 'on', max_connections: '200' })
    if (server !== null) this.versions[kind] = kind === 'redis' ? await redisVersion(server) : await postgresVersion(server)
    return server
  }
}

async function redisVersion ({ url }: TestServer): Promise<string> {
  const client = new Redis(url)
  const info = await client.info('server')
  await client.quit()
  return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown'
}

async function postgresVersion ({ url }: TestServer): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows: [row] } = await client.query('SHOW server_version')
  await client.end()
  return String(row.server_version)
}
