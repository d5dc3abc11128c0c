// Runs lint, type checks and every package's tests, and closes with one plain line: `N passed, N failed`.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const tasks = ['//#lint', 'build', 'typecheck', 'test']
const filters = process.argv.slice(2)
const turbo = spawn('turbo', ['run', ...tasks, '--continue', '--concurrency=3', '--output-logs=full', '--log-order=grouped', ...filters], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, DO_NOT_TRACK: '1', NODE_MAJOR: process.versions.node.split('.')[0] },
  stdio: ['ignore', 'pipe', 'inherit']
})

let output = ''
turbo.stdout.setEncoding('utf8')
turbo.stdout.on('data', (text) => {
  output += text
  process.stdout.write(text)
})

turbo.on('close', (status) => {
  const counts = countTests(output)
  for (const notice of notices(output)) console.log(notice)
  // A failed build, lint or type check has no test to count: it is one failure of its own.
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  // A run that counted nothing proved nothing.
  if (counts.passed === 0 && counts.failed === 0) counts.failed = 1
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  process.exitCode = counts.failed === 0 ? 0 : 1
})

/** Sums the closing lines of tap, such as `# { total: 7, pass: 6, fail: 1 }`. */
function countTests (text) {
  let passed = 0
  let failed = 0
  for (const [, summary] of text.matchAll(/# \{ (total: [^}]*)\}/g)) {
    passed += Number(/\bpass: (\d+)/.exec(summary)?.[1] ?? 0)
    failed += Number(/\bfail: (\d+)/.exec(summary)?.[1] ?? 0)
  }
  return { passed, failed }
}

/** Lines that a test file printed for the reader of the last lines, such as a missing browser and how to install it. */
function notices (text) {
  return new Set(Array.from(text.matchAll(/NOTICE: .*/g), ([line]) => line))
}
