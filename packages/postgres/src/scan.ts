import type { ScanQuery } from '@miro-oauth/core'
import { PostgresError } from './postgres-error.js'
import type { PostgresPool } from './postgres-pool.js'
import { expiryBytes, toExpiry } from './record-row.js'
import { isLive, nowMs, run } from './statement.js'
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

/** The prefix of the index `miro_records_grants`. */
const grants = 'miro:grant:'

/**
 * Walks that index, whose condition stands here word for word so that the planner takes it: the rows are those that
 * expire in time, of all apps. A subquery reads the clock once.
 */
const grantsStatement = `SELECT key, ${expiryBytes}, is_found::text, is_last::text FROM (
    SELECT key, expires_at, starts_with(key, $1) AS is_found,
      row_number() OVER (ORDER BY expires_at, key) = $5 AS is_last FROM (
        SELECT key, expires_at FROM miro_records
        WHERE key >= 'miro:grant:' AND key < 'miro:grant;'
          AND expires_at > (SELECT ${nowMs}) AND expires_at < $2 AND (expires_at, key) > ($3::float8, $4::text)
        ORDER BY expires_at, key LIMIT $5
      ) AS walked
  ) AS judged WHERE is_found OR is_last ORDER BY judged.expires_at, key LIMIT $6`

/** One page of `Store.scan`, without a cursor if it is the last. */
export async function scan (pool: PostgresPool, query: ScanQuery): Promise<{ keys: string[], cursor?: string }> {
  const { prefix, expiresBefore, cursor, limit } = query
  assertStorable(prefix, cursor)
  if (expiresBefore !== null && prefix.startsWith(grants)) return scanGrants(pool, { ...query, expiresBefore })
  const values = [prefix, cursor ?? '', expiresBefore, Math.max(limit, walk), limit]
  const { rows } = await run(pool, { text: statement, values })
  return toPage(rows, { limit, cursorOf: ({ key }) => key })
}

/** The next page begins behind an instant and a key. */
async function scanGrants (
  pool: PostgresPool, { prefix, expiresBefore, cursor = '-Infinity ', limit }: ScanQuery & { expiresBefore: number }
): Promise<{ keys: string[], cursor?: string }> {
  const [expiresAt = ''] = cursor.split(' ', 1)
  const key = cursor.slice(expiresAt.length + 1)
  // PostgreSQL would take NaN as the greatest of all, find nothing, and end the run before its first grant.
  if (expiresAt === '' || Number.isNaN(Number(expiresAt))) throw new PostgresError('The cursor is of another store.')
  const values = [prefix, expiresBefore, expiresAt, key, Math.max(limit, walk), limit]
  const { rows } = await run(pool, { text: grantsStatement, values })
  return toPage(rows, { limit, cursorOf: ({ key, expiresAt }) => `${expiresAt} ${key}` })
}

interface Judged {
  key: string
  /** `null` in the walk by keys, which does not read it. */
  expiresAt: number | null
  isFound: boolean
  isLast: boolean
}

/** The last row of a full walk is returned whether it matches or not: the next page goes on from it. */
function toPage (rows: unknown[], { limit, cursorOf }: {
  limit: number
  cursorOf: (last: Judged) => string
}): { keys: string[], cursor?: string } {
  const page = rows.map(toJudged)
  const keys = page.flatMap(({ key, isFound }) => isFound ? [key] : [])
  const last = page.at(-1)
  return last !== undefined && (page.length === limit || last.isLast) ? { keys, cursor: cursorOf(last) } : { keys }
}

function toJudged (row: unknown): Judged {
  const { key, expires_at: expiresAt, is_found: isFound, is_last: isLast } = row as Record<string, unknown>
  return { key: String(key), expiresAt: toExpiry(expiresAt ?? null), isFound: isFound === 'true', isLast: isLast === 'true' }
}
