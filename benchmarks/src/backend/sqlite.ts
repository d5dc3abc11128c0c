import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@miro-oauth/sqlite'
import { sqliteLibraries } from '@miro-oauth/test-servers'
import type { Backend } from './backend.js'

/** A file of its own. @throws {Error} this Node.js has no SQLite */
export async function openSqlite (): Promise<Backend> {
  const library = sqliteLibraries()[0]
  if (library === undefined) throw new Error('There is no SQLite library.')
  const folder = await mkdtemp(join(tmpdir(), 'miro-bench-'))
  const database = library.open(join(folder, 'records.sqlite'))
  const unused = async (): Promise<never> => { throw new Error('There are no plain texts in SQLite.') }
  return {
    kind: 'sqlite',
    store: sqliteStore({ database }),
    texts: { get: unused, set: unused, delete: unused },
    getPrepared: unused,
    clear: async () => { database.exec('DELETE FROM miro_records') },
    bytes: async () => {
      const pages = database.prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()').all({})
      return Number((pages[0] as { bytes: number }).bytes)
    },
    close: async () => {
      database.close()
      await rm(folder, { recursive: true })
    }
  }
}
