import type { ScanQuery, Versioned } from '@miro-oauth/core'
import type { Commands, Server } from './commands.js'
import type { ExpiryIndex } from './expiry-index.js'
import type { RecordReader } from './read-records.js'

/** A step of SCAN holds up all other commands on its server. */
const longestStep = 1000

interface Parts {
  commands: Commands
  reader: RecordReader
  index: ExpiryIndex
  /** The text that the store puts before every key. */
  prefix: string
}

type Page = Promise<{ keys: string[], cursor?: string }>

/** What stands before the cursor of an index, and before that of a walk that makes one. */
const marks = { index: 'index ', making: 'making ' } as const

/**
 * A page of grants that expire in time, or of revocations, comes from their index, where it is complete. Where it is
 * not, a walk through all keys makes it: it begins without a cursor, and completes it with its last page.
 */
export async function scanPage (parts: Parts, query: ScanQuery): Page {
  const { cursor = '' } = query
  return parts.index.attempt(async (withIndex) => {
    const kind = withIndex ? parts.index.kindOf(query.prefix) : null
    if (kind === null || (query.expiresBefore === null && kind === 'miro:grant:')) return walkPage(parts, query)
    if (cursor.startsWith(marks.making)) return makingPage(parts, query, kind)
    return await indexPage(parts, query, kind) ?? makingPage(parts, { ...query, cursor: '' }, kind)
  })
}

async function indexPage (
  { index, reader, prefix }: Parts, query: ScanQuery, kind: string
): Promise<Awaited<Page> | null> {
  const from = query.cursor?.startsWith(marks.index) === true ? query.cursor.slice(marks.index.length) : undefined
  const page = await index.page(kind, { ...query, cursor: from })
  if (page === null) return null
  const names = page.keys.filter((name) => name.startsWith(query.prefix))
  const keys = await wantedOf(reader, prefix, names, query)
  return page.cursor === undefined ? { keys } : { keys, cursor: marks.index + page.cursor }
}

async function makingPage (parts: Parts, query: ScanQuery, kind: string): Page {
  const { cursor = '' } = query
  const from = cursor === '' ? {} : { cursor: cursor.slice(marks.making.length) }
  const page = await walkPage(parts, { prefix: kind, expiresBefore: null, limit: query.limit, ...from })
  await parts.index.add(kind, page.keys)
  if (page.cursor === undefined) await parts.index.markComplete(kind)
  const names = page.keys.filter((name) => name.startsWith(query.prefix))
  const keys = await wantedOf(parts.reader, parts.prefix, names, query)
  return page.cursor === undefined ? { keys } : { keys, cursor: marks.making + page.cursor }
}

/**
 * One page is one step of `SCAN` on one server: it may be empty, or hold a few keys more than `limit`. The next page
 * begins behind all of them.
 */
async function walkPage ({ commands, reader, prefix }: Parts, query: ScanQuery): Page {
  const ahead = commands.keyPrefix + prefix
  const { server, from, next } = await placeOf(commands, query.cursor)
  const step = await server.scan(from, `${escapePattern(ahead + query.prefix)}*`, Math.min(query.limit, longestStep))
  const names = Array.from(new Set(step.keys), (name) => name.slice(ahead.length))
  const keys = await wantedOf(reader, prefix, names, query)
  const cursor = step.cursor === '0' ? next : `${server.name} ${step.cursor}`
  return cursor === undefined ? { keys } : { keys, cursor }
}

async function wantedOf (reader: RecordReader, prefix: string, names: string[], query: ScanQuery): Promise<string[]> {
  const found = await reader.readAll(names.map((name) => prefix + name), 'heads')
  return names.filter((_, index) => isWanted(found[index], query.expiresBefore))
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
