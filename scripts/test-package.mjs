// A package's tests: transpiles them, and runs them. Their types are checked by `npm run types`, and by `npm test`.
//
//   node ../../scripts/test-package.mjs                      all of test/, but for test/fixtures/ and test/prove/, each file
//                                                            in a process of its own
//   node ../../scripts/test-package.mjs --together           the same in one process, or two where the files are long: for
//                                                            files without hooks at their root
//   node ../../scripts/test-package.mjs refresh rest         test/refresh.ts and test/rest.ts
//   node ../../scripts/test-package.mjs prove/               all of test/prove/
//   node ../../scripts/test-package.mjs refresh -- --seed 7  what follows `--` is for the test files
//
// `npx tap test/refresh.ts` runs the same, but loads a compiler into every process, which takes longer than most test files.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { platform } from 'node:os'
import { argv, env, execPath, exit, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { transpile } from './transpile.mjs'

/** A test that is not over by then hangs; on a busy machine a good one may need minutes. */
const longestTestSeconds = 600
/** Most files wait now and then. */
const jobs = 2
/** A process takes most of a second of the processor to load what the files use: one is enough for files of so many bytes. */
const bytesOfProcess = 60_000

const withoutHooks = new URL('tap-without-hooks.mjs', import.meta.url).href
const importTests = fileURLToPath(new URL('import-tests.mjs', import.meta.url))

const { names, together, testArguments } = readArguments(argv.slice(2))
/** `npm test` and `npm run prove` may run at once: neither may write a file while the other loads it. */
const folder = names.some((name) => name.startsWith('prove/')) ? 'prove-dist' : 'test-dist'
const running = new Set()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => { for (const child of running) endGroup(child, 'SIGTERM'); exit(1) })

// What is no TypeScript is one failure of its own.
const total = await prepare() ? await runAll(toGroups(names.length > 0 ? names.flatMap(toFiles) : findFiles())) : { passed: 0, failed: 1 }
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1

function readArguments (given) {
  const end = given.indexOf('--')
  const [own, testArguments] = end === -1 ? [given, []] : [given.slice(0, end), given.slice(end + 1)]
  return { names: own.filter((name) => name !== '--together'), together: own.includes('--together'), testArguments }
}

/** The files of each process. Sizes tell roughly how long files take. */
function toGroups (files) {
  if (!together) return files.map((file) => [file])
  const bySize = files.map((file) => ({ file, size: statSync(`test/${file}.ts`).size })).sort((a, b) => b.size - a.size)
  const count = Math.min(jobs, Math.ceil(bySize.reduce((bytes, { size }) => bytes + size, 0) / bytesOfProcess))
  return Array.from({ length: count }, (_, job) => bySize.filter((_, index) => index % count === job).map(({ file }) => file))
}

/** A name that ends with a slash is a folder. */
function toFiles (name) {
  return name.endsWith('/') ? listFiles().filter((file) => file.startsWith(name)) : [name]
}

function findFiles () {
  return listFiles().filter((file) => !/^(?:fixtures|prove)\//.test(file))
}

function listFiles () {
  const files = readdirSync('test', { recursive: true }).map((file) => file.replaceAll('\\', '/'))
  return files.filter((file) => file.endsWith('.ts')).map((file) => file.replace(/\.ts$/, '')).sort()
}

async function prepare () {
  // Pages are looked for beside the sources.
  if (existsSync('views')) cpSync('views', `${folder}/views`, { recursive: true })
  return transpile(folder)
}

async function runAll (groups) {
  const queue = [...groups]
  const total = { passed: 0, failed: 0 }
  await Promise.all(Array.from({ length: jobs }, async () => {
    for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
      const { passed, failed } = await runGroup(group)
      total.passed += passed
      total.failed += failed
    }
  }))
  return total
}

async function runGroup (files) {
  const child = spawn(execPath, ['--enable-source-maps', '--import', withoutHooks, importTests, ...testArguments], {
    // A process group of its own: what a test leaves behind can be found and ended.
    detached: platform() !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, TAP_TIMEOUT: String(longestTestSeconds), TEST_FOLDER: folder, TEST_FILES: files.join() }
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text })
  const closed = once(child, 'close')
  const [code, signal] = await once(child, 'exit')
  endGroup(child, 'SIGKILL')
  await closed
  running.delete(child)
  const counts = countTests(output)
  if (code !== 0 && counts.failed === 0) {
    output += `not ok - it ended with ${signal ?? code}\n`
    counts.failed = 1
  }
  stdout.write(`# ${files.join(', ')}\n${toText(output).trimEnd()}\n\n`)
  return counts
}

/** Control characters are written as escapes, or `grep` takes the log for no text. */
function toText (output) {
  // eslint-disable-next-line no-control-regex
  return output.replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function endGroup ({ pid }, signal) {
  try {
    process.kill(platform() === 'win32' ? pid : -pid, signal)
  } catch {
    // There is nobody left in it.
  }
}

/** The closing line of tap, such as `# { total: 7, pass: 6, fail: 1 }`. */
function countTests (output) {
  const [, summary = ''] = /^# \{ (.*) \}$/m.exec(output) ?? []
  const count = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail') }
}
