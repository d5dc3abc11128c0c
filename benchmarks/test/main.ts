import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

/** One row of each section at least, as fast as it goes. */
const only = [
  'memory/sign-in', 'redis/sign-in', 'postgres/prepared-read', 'sign-in/memory-miro', 'start/miro', 'tokens/google', 'burst/miro-redis-4',
  'idle/memory', 'due/memory-1', 'due/redis-4'
]

t.test('main: a quick run writes a report of each section, and ends', { timeout: 580_000 }, async (t) => {
  const main = resolve('dist/main.js')
  const folder = await mkdtemp(join(tmpdir(), 'miro-bench-main-'))
  t.teardown(() => rm(folder, { recursive: true }))
  // Without NODE_OPTIONS: the test runner's hooks in it make each process start slowly.
  const env = { ...process.env, NODE_OPTIONS: '' }
  const run = (...flags: string[]): Promise<{ stdout: string }> => {
    return promisify(execFile)(process.execPath, [main, ...flags], { env })
  }
  const { stdout } = await run(
    '--quick', '--rounds', '1', '--seconds', '0.02', '--warm-up', '0.02', '--connections', '2', '--grants', '100', '--due', '20',
    '--only', only.join(), '--out', folder
  )
  const expected = ['memory', 'sign-in', 'start', 'tokens', 'idle', 'due']
  const missing = (name: string): boolean => stdout.includes(`NOTICE: ${name} is missing`)
  if (!missing('redis')) expected.push('redis', 'burst')
  if (!missing('postgres')) expected.push('postgres')
  t.strictSame((await readdir(folder)).sort(), [...expected.map((name) => `${name}.md`), 'README.md', 'chart.svg', 'results.json'].sort())
  t.match(stdout, /\nMiro plugin: `request\.miro\.accessToken\(\)` {2}/)
  if (!missing('redis')) {
    t.match(await readFile(join(folder, 'burst.md'), 'utf8'), /Redis, 4 processes \| 1 \| 0 \|/, 'callers of four processes share one refresh')
    t.match(await readFile(join(folder, 'due.md'), 'utf8'), /Redis, 4 processes \| [^|]+ \| 1\.00 \| 0 \|/, 'each due grant is refreshed once')
  }
  const failed: unknown = await run('--rounds', '0').catch((error: unknown) => error)
  t.match(failed, { code: 1, stderr: /--rounds must be/ })
})
