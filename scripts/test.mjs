// Has turbo run tasks of every package, and closes with one plain line: `N passed, N failed`.
//
//   node scripts/test.mjs types lint:quick test lint prove
//   node scripts/test.mjs test --filter=@miro-oauth/core   what begins with a dash is for turbo
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { argv, env, stdout } from 'node:process'
import { createInterface } from 'node:readline'
import { startTurbo } from './turbo.mjs'

const tasks = argv.slice(2).filter((argument) => !argument.startsWith('-'))
const options = argv.slice(2).filter((argument) => argument.startsWith('-'))

const turbo = startTurbo([
  'run', ...tasks, '--continue', `--concurrency=${availableParallelism()}`, '--output-logs=full', '--log-order=grouped', ...options
], { variables: { MIRO_TEST_PROGRAMS: installedPrograms() }, stdio: ['ignore', 'pipe', 'inherit'] })
const status = new Promise((resolve) => turbo.on('close', resolve))

const total = { passed: 0, failed: 0 }
/** The test tasks that ran, now or in an earlier run. */
const counted = new Set()
/** The tasks of which turbo remembers an earlier run. What they said then is not said again. */
const remembered = new Set()
const notices = new Set()
for await (const line of createInterface({ input: turbo.stdout })) {
  const [, task = '', text = ''] = /^(\S+:[\w-]+): (.*)$/.exec(line) ?? []
  if (text.startsWith('cache hit')) remembered.add(task)
  if (!remembered.has(task)) stdout.write(`${line}\n`)
  if (text.startsWith('NOTICE: ')) notices.add(text)
  const [isCount, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(text) ?? []
  if (isCount === undefined) continue
  counted.add(task)
  total.passed += Number(passed)
  total.failed += Number(failed)
}

// A failed lint or build has no test to count: it is one failure of its own. A run that counted nothing proved nothing.
if (total.failed === 0 && (await status !== 0 || counted.size === 0)) total.failed = 1
const unchanged = Array.from(counted).filter((task) => remembered.has(task)).length
for (const notice of notices) console.log(notice)
if (unchanged > 0) console.log(`${unchanged} of ${counted.size} test tasks are unchanged since an earlier run, whose results are remembered.`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1

/** The optional programs that tests use: where one comes along, a result without it is out of date. */
function installedPrograms () {
  const folders = (env.PATH ?? '').split(delimiter)
  return ['chromium', 'redis-server'].filter((program) => folders.some((folder) => existsSync(join(folder, program)))).join()
}
