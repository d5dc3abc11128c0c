/** The text of `schema.sql`. It stands here too, so that a bundled app needs no file. */
export const schema = `CREATE TABLE IF NOT EXISTS miro_records (
  key text COLLATE "C" PRIMARY KEY,
  body text NOT NULL,
  version text NOT NULL,
  expires_at double precision, -- epoch milliseconds; NULL: never
  written_at timestamptz NOT NULL
) WITH (fillfactor = 70); -- room for the two updates of a refresh beside the row

CREATE INDEX IF NOT EXISTS miro_records_expires_at ON miro_records (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS miro_records_grants ON miro_records (expires_at, key)
  WHERE key >= 'miro:grant:' AND key < 'miro:grant;'; -- the grants that refreshDue looks for
`
