import { sqliteLibraries } from '@miro-oauth/test-servers/sqlite'
import { eventually, sleep } from '../time.js'

/** A stopped process may hold the lock for longer: then there was an outage without ours. */
const wait = { ms: 60_000, everyMs: 5 }

/** Holds the write lock of a SQLite file for `ms` milliseconds, as a backup or a slow transaction of the app would. */
export async function lockFile (file: string, ms: number): Promise<void> {
  const [library] = sqliteLibraries()
  if (library === undefined) return
  const database = library.open(file)
  const begin = (): boolean => {
    try {
      database.exec('BEGIN IMMEDIATE')
      return true
    } catch {
      return false
    }
  }
  if (await eventually(begin, wait)) await sleep(ms)
  // Closing rolls the transaction back.
  database.close()
}
