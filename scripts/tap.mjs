// A package's tests: compiles them with the compiler that checks their types, and has tap run what comes out.
// Where tap transpiles by itself (`npx tap test/x.ts`), every test process does so anew, which takes longer than most tests.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync } from 'node:fs'

// The files that tap itself would find: all but fixtures.
const tests = readdirSync('test', { recursive: true }).filter((name) => name.endsWith('.ts') && !/(?:^|[/\\])fixtures[/\\]/.test(name))
const compiled = tests.map((name) => `test-dist/test/${name.replace(/\.ts$/, '.js')}`)

// Pages are looked for beside the sources.
if (existsSync('views')) cpSync('views', 'test-dist/views', { recursive: true })

if (await run('tsc', ['-p', 'tsconfig.test.json'])) {
  // Nothing is left to transpile: without this, each test process loads a compiler all the same.
  await run('tap', ['--test-env=TAP_TYPE_STRIP_ONLY=1', ...process.argv.slice(2), ...compiled])
}

async function run (command, commandArguments) {
  process.exitCode = await new Promise((resolve, reject) => {
    spawn(command, commandArguments, { stdio: 'inherit' }).on('error', reject).on('close', (status) => resolve(status ?? 1))
  })
  return process.exitCode === 0
}
