import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { endWithProcess } from './end-with-process.js'
import { freePort } from './free-port.js'
import { givenServer, toGivenServerError } from './given-server.js'
import { findPostgresPrograms, type PostgresPrograms } from './postgres-programs.js'
import { missing, type TestServer } from './test-server.js'

const variable = 'DATABASE_URL'
const user = 'postgres'
const password = 'miro'

/**
 * A PostgreSQL server with an empty database: `DATABASE_URL`'s with a new database in it, else one that comes from npm.
 *
 * @param settings server settings such as `max_connections`, in vain for the environment's server
 * @returns `null` where there is none
 * @throws {GivenServerError} the environment's cannot be used
 */
export async function startPostgres (settings: Record<string, string> = {}): Promise<TestServer | null> {
  const given = await givenServer(variable, { 'postgres:': 5432, 'postgresql:': 5432 })
  if (given !== null) return createDatabase(given)
  const folder = await mkdtemp(join(tmpdir(), 'miro-postgres-'))
  try {
    return await startInFolder(folder, settings)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n', 1)
    return missing('postgres', `the one from npm did not start (${reason}); set DATABASE_URL to a server in which a database may be created`)
  }
}

async function startInFolder (folder: string, settings: Record<string, string>): Promise<TestServer> {
  const programs = await findPostgresPrograms()
  const port = await freePort()
  const data = await createCluster(programs, folder)
  const all = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    // No socket: below a long temporary folder its path would be longer than a socket's may be.
    unix_socket_directories: '',
    // What a killed server had written is in the page cache: only a crash of the machine loses it.
    fsync: 'off',
    ...settings
  }
  const settingsOf = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const start = (): Promise<ChildProcess> => startServer(programs, folder, ['-D', data, ...settingsOf])
  let server = await start()
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    async restart (whileDown = async () => {}) {
      await end(server, 'SIGKILL')
      await rm(join(data, 'postmaster.pid'), { force: true })
      await whileDown()
      server = await start()
    },
    async stop () {
      await end(server, 'SIGQUIT')
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** Makes an empty cluster below `folder`, which then belongs to the account that runs PostgreSQL. */
async function createCluster ({ initdb, account }: PostgresPrograms, folder: string): Promise<string> {
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, password)
  if (account !== null) for (const path of [folder, passwordFile]) await chown(path, account.uid, account.gid)
  const settings = [`--pgdata=${data}`, `--username=${user}`, `--pwfile=${passwordFile}`, '--auth=password', '--no-sync', '--encoding=UTF8', '--lc-messages=C']
  await promisify(execFile)(initdb, settings, { ...account, cwd: folder })
  return data
}

async function startServer (
  { postgres, account }: PostgresPrograms, folder: string, settings: string[]
): Promise<ChildProcess> {
  const server = spawn(postgres, settings, { ...account, cwd: tmpdir(), stdio: ['ignore', 'ignore', 'pipe'] })
  endWithProcess(server, { signal: 'SIGQUIT', folder })
  return new Promise((resolve, reject) => {
    let said = ''
    server.once('error', reject)
    server.once('close', () => reject(new Error(said.trimEnd().split('\n').at(-1))))
    server.stderr.on('data', (text) => {
      said += String(text)
      if (said.includes('database system is ready to accept connections')) resolve(server)
    })
  })
}

/**
 * Waits for the backends too: they end a moment after a server that was killed, and keep its shared memory until then.
 */
async function end (server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(server, 'close')
  if (server.kill(signal)) await ended
}

async function createDatabase (given: string): Promise<TestServer> {
  const name = `miro_test_${randomBytes(6).toString('hex')}`
  await run(given, `CREATE DATABASE ${name}`).catch((error: unknown) => { throw toGivenServerError(variable, error) })
  const url = new URL(given)
  url.pathname = `/${name}`
  return { url: url.href, stop: () => run(given, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function run (url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
