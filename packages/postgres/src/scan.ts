import type { ScanQuery } from '@miro-oauth/core'
import type { PostgresPool } from './postgres-pool.js'
import { isLive, run } from './statement.js'
import { assertStorable } from './storable.js'

/** How many rows a page looks at, at least, to find those that expire in time. */
const walk = 1000

/**
 * Walks the primary key from the end of the last page: every page costs the same, and rows that are written or deleted
 * meanwhile move no other row to another page. The walk ends at its last row, or with the last row of the prefix.
 */
const statement = `SELECT key, is_found::text, is_last::text FROM (
    SELECT key, inside, inside AND live AND in_time AS is_found, row_number() OVER (ORDER BY key) = $4 AS is_last FROM (
      SELECT key, starts_with(key, $1) AS inside, ${isLive} AS live, ($3::float8 IS NULL OR expires_at < $3) AS in_time
      FROM miro_records WHERE key >= $1 AND key > $2 ORDER BY key LIMIT $4
    ) AS walked
  ) AS judged WHERE is_found OR (inside AND is_last) ORDER BY key LIMIT $5`

/** One page of `Store.scan`, without a cursor if it is the last. */
export async function scan (pool: PostgresPool, query: ScanQuery): Promise<{ keys: string[], cursor?: string }> {
  const { prefix, expiresBefore, cursor, limit } = query
  assertStorable(prefix, cursor)
  const values = [prefix, cursor ?? '', expiresBefore, Math.max(limit, walk), limit]
  const { rows } = await run(pool, { text: statement, values })
  const page = rows.map(toJudged)
  const keys = page.flatMap(({ key, isFound }) => isFound ? [key] : [])
  const last = page.at(-1)
  // The last row of a full walk is returned whether it matches or not: the next page goes on from it.
  return last !== undefined && (page.length === limit || last.isLast) ? { keys, cursor: last.key } : { keys }
}

function toJudged (row: unknown): { key: string, isFound: boolean, isLast: boolean } {
  const { key, is_found: isFound, is_last: isLast } = row as Record<string, unknown>
  return { key: String(key), isFound: isFound === 'true', isLast: isLast === 'true' }
}
