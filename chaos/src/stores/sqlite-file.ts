import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestServer } from '@miro-oauth/test-servers'
import { sqliteLibraries } from '@miro-oauth/test-servers/sqlite'

/** A SQLite file in a folder of its own, by its path. Returns null, after a notice, if this Node has no SQLite. */
export async function createSqliteFile (): Promise<TestServer | null> {
  if (sqliteLibraries().length === 0) return null
  const folder = await mkdtemp(join(tmpdir(), 'miro-chaos-'))
  return { url: join(folder, 'miro.db'), stop: () => rm(folder, { recursive: true, force: true }) }
}
