import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { scenarios } from '../src/scenarios/index.js'

t.test('main: the command prints a row for each scenario, and ends', async (t) => {
  const main = resolve('dist/main.js')
  // Without NODE_OPTIONS: the test runner's hooks in it make each process start slowly.
  const env = { ...process.env, NODE_OPTIONS: '' }
  const run = (...flags: string[]): Promise<{ stdout: string }> => {
    return promisify(execFile)(process.execPath, [main, ...flags], { env })
  }
  const { stdout } = await run('--rounds', '1', '--seconds', '0.02', '--connections', '2', '--only', 'sign-in')
  for (const name of ['cookie', 'sign-in']) {
    const title = scenarios[name]?.title
    t.ok(stdout.includes(`\n${title}  `), `a row: ${title}`)
  }
  const failed: unknown = await run('--rounds', '0').catch((error: unknown) => error)
  t.match(failed, { code: 1, stderr: /--rounds must be/ })
})
