import type { ScanQuery } from '@miro-oauth/core'
import { isLive, nowMs, type Connection } from './connection.js'
import { SqliteError } from './sqlite-error.js'
import { assertStorable } from './storable.js'

/** How many rows a page looks at, at least, to find those that expire in time. */
const walk = 1000

/**
 * Walks the primary key from the end of the last page: every page costs the same, and rows that are written or deleted
 * meanwhile move no other row to another page. The sign before `key` keeps the index to the other condition.
 */
const statement = `SELECT key, ${isLive} AND ($expiresBefore IS NULL OR expires_at < $expiresBefore) AS is_found
  FROM miro_records WHERE key >= max($prefix, $cursor) AND +key > $cursor ORDER BY key LIMIT $walk`

/** The prefix of the index `miro_records_grants`. */
const grants = 'miro:grant:'

/**
 * Walks that index, whose condition stands here word for word so that the planner takes it: the rows are those that
 * expire in time, of all apps.
 */
const grantsStatement = `SELECT key, expires_at, 1 AS is_found FROM miro_records
  WHERE key >= 'miro:grant:' AND key < 'miro:grant;'
    AND expires_at > ${nowMs} AND expires_at < $expiresBefore AND (expires_at, key) > ($expiresAt, $key)
  ORDER BY expires_at, key LIMIT $walk`

/** One page of `Store.scan`, without a cursor if it is the last. */
export async function scan (connection: Connection, query: ScanQuery): Promise<{ keys: string[], cursor?: string }> {
  const { prefix, expiresBefore, cursor = '', limit } = query
  assertStorable(prefix, cursor)
  if (expiresBefore !== null && prefix.startsWith(grants)) return scanGrants(connection, { ...query, expiresBefore })
  const walked = Math.max(limit, walk)
  const rows = await connection.rows(statement, { prefix, cursor, expiresBefore, walk: walked })
  return toPage(rows.map(toWalked), { prefix, limit, isWhole: rows.length < walked })
}

/** The next page begins behind an instant and a key. */
async function scanGrants (
  connection: Connection, { prefix, expiresBefore, cursor = '-Infinity ', limit }: ScanQuery & { expiresBefore: number }
): Promise<{ keys: string[], cursor?: string }> {
  const [expiresAt = ''] = cursor.split(' ', 1)
  const key = cursor.slice(expiresAt.length + 1)
  // SQLite would take NaN as NULL, find nothing, and end the run before its first grant.
  if (expiresAt === '' || Number.isNaN(Number(expiresAt))) throw new SqliteError('The cursor is of another store.')
  const walked = Math.max(limit, walk)
  const values = { expiresBefore, expiresAt: Number(expiresAt), key, walk: walked }
  const rows = (await connection.rows(grantsStatement, values)).map(toWalked)
  const page = rows.map((row) => ({ ...row, isFound: row.key.startsWith(prefix) }))
  return toPage(page, { prefix: grants, limit, isWhole: rows.length < walked, cursorOf: (row) => `${row.expiresAt} ${row.key}` })
}

interface Walked {
  key: string
  expiresAt: number
  isFound: boolean
}

function toWalked (row: unknown): Walked {
  const { key, expires_at: expiresAt, is_found: isFound } = row as Record<string, unknown>
  return { key: String(key), expiresAt: Number(expiresAt), isFound: Number(isFound) === 1 }
}

/** The page ends with its last key, with the last row of the prefix, or with the last row that was walked. */
function toPage (rows: Walked[], { prefix, limit, isWhole, cursorOf = ({ key }) => key }: {
  prefix: string
  limit: number
  isWhole: boolean
  cursorOf?: (last: Walked) => string
}): { keys: string[], cursor?: string } {
  const keys: string[] = []
  for (const row of rows) {
    if (!row.key.startsWith(prefix)) return { keys }
    if (row.isFound) keys.push(row.key)
    if (keys.length === limit) return { keys, cursor: cursorOf(row) }
  }
  const last = rows.at(-1)
  return isWhole || last === undefined ? { keys } : { keys, cursor: cursorOf(last) }
}
