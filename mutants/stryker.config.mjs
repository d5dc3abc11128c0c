// Stryker's settings for the package in whose folder it is started.
import { basename } from 'node:path'
import { cwd } from 'node:process'
import { fileURLToPath } from 'node:url'
import { packages } from './decisions.mjs'

const name = basename(cwd())
const { break: lowest, decisions } = packages[name]
const runTests = fileURLToPath(new URL('run-tests.mjs', import.meta.url))
const withoutHooks = new URL('../scripts/tap-without-hooks.mjs', import.meta.url).href

export default {
  mutate: Object.keys(decisions),
  ignorePatterns: ['dist', 'test-dist', 'prove-dist'],
  cleanTempDir: 'always',
  // The copy stands in .stryker-tmp of the package, and finds its modules two folders up.
  symlinkNodeModules: false,
  // All mutants are compiled once, and the environment says which of them is active: one costs the run of its tests alone.
  // The path begins in the copy, since no shell reads it, which would know quotation marks around a path with a space.
  buildCommand: 'node ../../../../mutants/build.mjs',
  testRunner: 'command',
  commandRunner: { command: `node --import "${withoutHooks}" "${runTests}" ${name}` },
  concurrency: 1,
  // A busy machine must not turn a slow run into a mutant that was noticed.
  timeoutMS: 60_000,
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false, reportMutants: true },
  thresholds: { high: 100, low: lowest, break: lowest },
  allowEmpty: false
}
