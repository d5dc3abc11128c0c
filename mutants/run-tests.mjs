// Runs the tests that must notice the active mutant, in the copy of a package that Stryker has changed and compiled.
//
//   node --import ../scripts/tap-without-hooks.mjs run-tests.mjs core
import { readFileSync } from 'node:fs'
import { argv, env } from 'node:process'
import { packages } from './decisions.mjs'

// The tests would take the name for one of their own arguments.
const [name] = argv.splice(2)
const decisions = Object.entries(packages[name].decisions)
const changed = decisions.filter(([source]) => isChanged(source))
// In Stryker's first run no mutant is active, and all tests must pass.
const tests = (changed.length > 0 ? changed : decisions).flatMap(([, tests]) => tests)
// The first failed assertion is enough.
Object.assign(env, { TAP_BAIL: '1', TEST_FOLDER: 'test-dist', TEST_FILES: [...new Set(tests)].join() })
await import('../scripts/import-tests.mjs')

/** Whether the active mutant is one of this file: Stryker writes `stryMutAct_9fa48("7")` where it may take effect. */
function isChanged (source) {
  const compiled = readFileSync(`test-dist/${source.replace(/ts$/, 'js')}`, 'utf8')
  return new RegExp(`stryMutAct_\\w+\\("${env.__STRYKER_ACTIVE_MUTANT__}"\\)`).test(compiled)
}
