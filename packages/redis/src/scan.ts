import type { ScanQuery, Versioned } from '@miro-oauth/core'
import type { Commands, Server } from './commands.js'
import type { RecordReader } from './read-records.js'

/** A step of SCAN holds up all other commands on its server. */
const longestStep = 1000

interface Parts {
  commands: Commands
  reader: RecordReader
  /** The text that the store puts before every key. */
  prefix: string
}

/**
 * One page is one step of `SCAN` on one server: it may be empty, or hold a few keys more than `limit`. The next page
 * begins behind all of them.
 */
export async function scanPage (
  { commands, reader, prefix }: Parts, query: ScanQuery
): Promise<{ keys: string[], cursor?: string }> {
  const ahead = commands.keyPrefix + prefix
  const { server, from, next } = await placeOf(commands, query.cursor)
  const step = await server.scan(from, `${escapePattern(ahead + query.prefix)}*`, Math.min(query.limit, longestStep))
  const names = Array.from(new Set(step.keys), (name) => name.slice(ahead.length))
  const found = await reader.readAll(names.map((name) => prefix + name), 'heads')
  const keys = names.filter((_, index) => isWanted(found[index], query.expiresBefore))
  const cursor = step.cursor === '0' ? next : `${server.name} ${step.cursor}`
  return cursor === undefined ? { keys } : { keys, cursor }
}

/**
 * Finds the server of a cursor, its place in the `SCAN` there, and the cursor of the server after it.
 *
 * @throws {Error} the Cluster has changed, and has no such server any more
 */
async function placeOf (
  commands: Commands, cursor: string | undefined
): Promise<{ server: Server, from: string, next: string | undefined }> {
  const servers = (await commands.servers()).sort((one, other) => one.name < other.name ? -1 : 1)
  const [name, from = '0'] = cursor === undefined ? [servers[0]?.name] : cursor.split(' ')
  const index = servers.findIndex((server) => server.name === name)
  const server = servers[index]
  if (server === undefined) {
    throw new Error('The masters of the Redis Cluster are others than when this scan began. Begin it again.')
  }
  const following = servers[index + 1]
  return { server, from, next: following === undefined ? undefined : `${following.name} 0` }
}

/** Whether a record expires in time. Keys of other apps may match the pattern too. */
function isWanted (found: Versioned | null | Error | undefined, expiresBefore: number | null): boolean {
  if (found === null || found === undefined || found instanceof Error) return false
  return expiresBefore === null || (found.expiresAt !== null && found.expiresAt < expiresBefore)
}

function escapePattern (text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&')
}
