/**
 * Not WITHOUT ROWID: bodies are longer than the twentieth of a page up to which that is faster.
 *
 * @see https://www.sqlite.org/withoutrowid.html
 */
export const schema = `CREATE TABLE IF NOT EXISTS miro_records (
  key TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL,
  version TEXT NOT NULL,
  expires_at REAL, -- epoch milliseconds; NULL: never
  written_at INTEGER NOT NULL -- epoch milliseconds
);
CREATE INDEX IF NOT EXISTS miro_records_expires_at ON miro_records (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS miro_records_grants ON miro_records (expires_at, key)
  WHERE key >= 'miro:grant:' AND key < 'miro:grant;'; -- the grants that refreshDue looks for`

/** How long SQLite itself waits for a lock, in milliseconds, and with it the event loop. */
export const blockingMs = 10

/**
 * Prepares a connection and its file; where that is done, it only reads.
 *
 * `better-sqlite3` is built with `synchronous = NORMAL`, under which a power failure takes acknowledged writes along,
 * and macOS does not flush the disk's own cache without `fullfsync`.
 */
export const setup = `PRAGMA busy_timeout = ${blockingMs};
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA fullfsync = ON;
${schema}`
