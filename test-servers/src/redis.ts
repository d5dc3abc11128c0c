import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithProcess } from './end-with-process.js'
import { freePort } from './free-port.js'
import { givenServer } from './given-server.js'
import { missing, type TestServer } from './test-server.js'

/**
 * A Redis server: `REDIS_URL`'s, which may hold other keys than the test's, else the system's `redis-server`, empty.
 *
 * @param settings server settings such as `maxmemory-policy`, in vain for the environment's server
 * @returns `null` where there is none
 * @throws {GivenServerError} the environment's cannot be used
 */
export async function startRedis (settings: Record<string, string> = {}): Promise<TestServer | null> {
  const given = await givenServer('REDIS_URL', { 'redis:': 6379, 'rediss:': 6379 })
  if (given !== null) return { url: given, stop: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'miro-redis-'))
  const port = await freePort()
  const all = {
    port: String(port), bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes', appendfsync: 'always', daemonize: 'no', ...settings
  }
  const start = (): Promise<ChildProcess | null> => startServer(folder, Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]))
  let server = await start()
  if (server === null) {
    await rm(folder, { recursive: true, force: true })
    return missing('redis', 'apt-get install -y --no-install-recommends redis-server brings it, or set REDIS_URL')
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async restart (whileDown = async () => {}) {
      await end(server)
      await whileDown()
      server = await start()
    },
    async stop () {
      await end(server)
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** `null`: there is no such program. */
async function startServer (folder: string, settings: string[]): Promise<ChildProcess | null> {
  const server = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] })
  endWithProcess(server, { signal: 'SIGKILL', folder })
  return new Promise((resolve, reject) => {
    let said = ''
    server.once('error', (error) => {
      if ('code' in error && error.code === 'ENOENT') resolve(null)
      else reject(error)
    })
    server.once('exit', () => reject(new Error(`redis-server did not start: ${said.slice(-500)}`)))
    server.stdout.on('data', (text) => {
      said += String(text)
      if (said.includes('Ready to accept connections')) resolve(server)
    })
  })
}

async function end (server: ChildProcess | null): Promise<void> {
  if (server === null || server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}
