import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const main = fileURLToPath(new URL('../src/main.js', import.meta.url))

t.test('command: an option that cannot be read, and a server that does not answer, end it with 1 and one line', async (t) => {
  const cases: Array<[args: string[], environment: Record<string, string>, problem: RegExp]> = [
    [['--minutes', 'abc'], {}, /^--minutes takes a number above 0\n$/],
    [['--people', 'Infinity'], {}, /^--people takes a number above 0\n$/],
    [['--store', 'mysql'], {}, /^--store takes one of postgres, redis, sqlite\n$/],
    [['--minuts', '1'], {}, /^Unknown option '--minuts'[^\n]*\n$/],
    [['storm'], {}, /^Unexpected argument 'storm'[^\n]*\n$/],
    [['--store', 'redis'], { REDIS_URL: 'redis://:planted@127.0.0.1:9' }, /^REDIS_URL: the server cannot be used \(ECONNREFUSED\)[^\n]*\n$/],
    [['--store', 'postgres'], { DATABASE_URL: 'planted' }, /^DATABASE_URL must be a URL [^\n]*\n$/]
  ]
  for (const [args, environment, problem] of cases) {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'], env: environment })
    const [told, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
    t.equal(status, 1)
    t.match(told, problem)
    t.notMatch(told, 'planted')
  }
})
