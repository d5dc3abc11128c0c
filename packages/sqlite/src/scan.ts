import type { ScanQuery } from '@miro-oauth/core'
import { isLive, type Connection } from './connection.js'
import { assertStorable } from './storable.js'

/** How many rows a page looks at, at least, to find those that expire in time. */
const walk = 1000

/**
 * Walks the primary key from the end of the last page: every page costs the same, and rows that are written or deleted
 * meanwhile move no other row to another page. The sign before `key` keeps the index to the other condition.
 */
const statement = `SELECT key, ${isLive} AND ($expiresBefore IS NULL OR expires_at < $expiresBefore) AS is_found
  FROM miro_records WHERE key >= max($prefix, $cursor) AND +key > $cursor ORDER BY key LIMIT $walk`

/** One page of `Store.scan`, without a cursor if it is the last. */
export async function scan (connection: Connection, query: ScanQuery): Promise<{ keys: string[], cursor?: string }> {
  const { prefix, expiresBefore, cursor = '', limit } = query
  assertStorable(prefix, cursor)
  const walked = Math.max(limit, walk)
  const rows = await connection.rows(statement, { prefix, cursor, expiresBefore, walk: walked })
  return toPage(rows.map(toWalked), { prefix, limit, isWhole: rows.length < walked })
}

interface Walked {
  key: string
  isFound: boolean
}

function toWalked (row: unknown): Walked {
  const { key, is_found: isFound } = row as Record<string, unknown>
  return { key: String(key), isFound: Number(isFound) === 1 }
}

/** The page ends with its last key, with the last row of the prefix, or with the last row that was walked. */
function toPage (rows: Walked[], { prefix, limit, isWhole }: {
  prefix: string
  limit: number
  isWhole: boolean
}): { keys: string[], cursor?: string } {
  const keys: string[] = []
  for (const { key, isFound } of rows) {
    if (!key.startsWith(prefix)) return { keys }
    if (isFound) keys.push(key)
    if (keys.length === limit) return { keys, cursor: key }
  }
  const last = rows.at(-1)
  return isWhole || last === undefined ? { keys } : { keys, cursor: last.key }
}
