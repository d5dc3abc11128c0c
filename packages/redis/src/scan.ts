import { RecordError, type ScanQuery } from '@miro-oauth/core'
import type { Commands, Server } from './commands.js'
import { parseReply } from './record-reply.js'
import { runScript } from './script.js'

/** A step of SCAN holds up all other commands on its server. */
const longestStep = 1000

/**
 * One page is one step of `SCAN` on one server: it may be empty, or hold a few keys more than `limit`. The next page
 * begins behind all of them.
 *
 * @param prefix the text that the store puts before every key
 */
export async function scanPage (
  commands: Commands, prefix: string, query: ScanQuery
): Promise<{ keys: string[], cursor?: string }> {
  const ahead = commands.keyPrefix + prefix
  const { server, from, next } = await placeOf(commands, query.cursor)
  const step = await server.scan(from, `${escapePattern(ahead + query.prefix)}*`, Math.min(query.limit, longestStep))
  const names = Array.from(new Set(step.keys), (name) => name.slice(ahead.length))
  const wanted = await Promise.all(names.map((name) => isWanted(commands, prefix + name, query.expiresBefore)))
  const keys = names.filter((_, index) => wanted[index])
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

/** Whether a key holds a record that expires in time. Keys of other apps may match the pattern too. */
async function isWanted (commands: Commands, key: string, expiresBefore: number | null): Promise<boolean> {
  try {
    const reply = parseReply(await runScript(commands, key, ['expiry']))
    if (reply.done || reply.current === null) return false
    const { expiresAt } = reply.current
    return expiresBefore === null || (expiresAt !== null && expiresAt < expiresBefore)
  } catch (error) {
    if (error instanceof RecordError) return false
    throw error
  }
}

function escapePattern (text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&')
}
