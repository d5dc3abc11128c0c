// The apps of strangers on every runtime that the packages are for, each brought by npx: `npm run prove:runtimes`.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { packAll } from '../fixtures/pack.js'
import { linkDependencies } from '../fixtures/project.js'
import { runStranger, startMiro } from '../fixtures/stranger.js'
import { strangers } from '../fixtures/strangers.js'

const run = promisify(execFile)

interface Runtime {
  /** A package that brings the program, as npx names it. */
  from: string
  program: string
  options?: readonly string[]
  /** Apps that cannot run on it. */
  without?: readonly string[]
}

const runtimes: readonly Runtime[] = [
  // The oldest that `engines` allows.
  { from: 'node@20.19.0', program: 'node' },
  { from: 'node@20', program: 'node' },
  { from: 'node@22', program: 'node' },
  { from: 'node@24', program: 'node' },
  { from: 'node@26', program: 'node' },
  { from: 'bun@1', program: 'bun' },
  {
    from: 'deno@2',
    program: 'deno',
    options: ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual'],
    // fastify-cli waits for every signal that ends a process, of which Deno refuses SIGILL.
    without: ['a project of fastify-cli']
  }
]

const packed = await packAll()
await linkDependencies(packed)
const { emulator, ports } = await startMiro(t, packed, Object.keys(strangers))

for (const { from, program, options = [], without = [] } of runtimes) {
  t.test(`runtimes: ${from}`, async (t) => {
    const path = await bring(from, program)
    if (path === null) {
      console.log(`NOTICE: ${from} was not tried: npx does not bring it`)
      return
    }
    const { stdout: version } = await run(path, ['--version'])
    t.match(version, new RegExp(`\\bv?${from.replace(/^.*@/, '')}\\b`), version.trim())
    for (const [name, stranger] of Object.entries(strangers)) {
      if (without.includes(name)) continue
      await t.test(name, async (t) => {
        const surroundings = { packed, emulator, port: ports.get(name) ?? 0, runtime: [path, ...options] }
        t.match(await runStranger(t, stranger, surroundings), stranger.succeeds.shows)
      })
    }
  })
}

/** Where npx puts the program, or null where it gets it from no registry. */
async function bring (from: string, program: string): Promise<string | null> {
  const print = `${program} -p process.execPath`
  const command = program === 'node' ? print : `command -v ${program}`
  const { stdout } = await run('npx', ['-y', '-p', from, '-c', command]).catch(() => ({ stdout: '' }))
  return stdout.trim() === '' ? null : stdout.trim()
}
