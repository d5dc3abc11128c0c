import type { ScanQuery } from '@miro-oauth/core'
import type { PostgresPool } from './postgres-pool.js'
import { isLive, run } from './statement.js'
import { assertStorable } from './storable.js'

/** How many rows a page looks at, at least, in search of those that expire in time. */
const walk = 1000

/**
 * Walks the primary key from where the last page ended, so that a page costs the same wherever it is, and rows that come,
 * change or go meanwhile move no other. The walk ends at its last row, or where the prefix does.
 */
const statement = `SELECT key, is_found::text, is_last::text FROM (
    SELECT key, inside, inside AND live AND in_time AS is_found, row_number() OVER (ORDER BY key) = $4 AS is_last FROM (
      SELECT key, starts_with(key, $1) AS inside, ${isLive} AS live, ($3::float8 IS NULL OR expires_at < $3) AS in_time
      FROM miro_records WHERE key >= $1 AND key > $2 ORDER BY key LIMIT $4
    ) AS walked
  ) AS judged WHERE is_found OR (inside AND is_last) ORDER BY key LIMIT $5`

/** One page of `Store.scan`: without a cursor where nothing is left to look at. */
export async function scan (pool: PostgresPool, { prefix, expiresBefore, cursor, limit }: ScanQuery): Promise<{ keys: string[], cursor?: string }> {
  assertStorable(prefix, cursor)
  const { rows } = await run(pool, statement, [prefix, cursor ?? '', expiresBefore, Math.max(limit, walk), limit])
  const page = rows.map(toJudged)
  const keys = page.flatMap(({ key, isFound }) => isFound ? [key] : [])
  const last = page.at(-1)
  // The last row of a whole walk comes back whether it is found or not, to go on from.
  return last !== undefined && (page.length === limit || last.isLast) ? { keys, cursor: last.key } : { keys }
}

function toJudged (row: unknown): { key: string, isFound: boolean, isLast: boolean } {
  const { key, is_found: isFound, is_last: isLast } = row as Record<string, unknown>
  return { key: String(key), isFound: isFound === 'true', isLast: isLast === 'true' }
}
