// Has Stryker change the decisions of core and the plugin, one at a time, and tells which changes no test notices.
//
//   npm run mutants
//   npm run mutants -- core                                   one package
//   npm run mutants -- core --mutate src/refresh/decide.ts    one file; what begins with a dash is for Stryker
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { argv, execPath, exit } from 'node:process'
import { fileURLToPath } from 'node:url'
import { packages } from './decisions.mjs'

const [first, ...rest] = argv.slice(2)
const isNamed = first !== undefined && !first.startsWith('-')
const names = isNamed ? [first] : Object.keys(packages)
const options = isNamed ? rest : argv.slice(2)
if (isNamed && !Object.hasOwn(packages, first)) {
  console.error(`Name one of these packages, or none for all: ${Object.keys(packages).join(', ')}.`)
  exit(1)
}

const stryker = fileURLToPath(new URL('node_modules/@stryker-mutator/core/bin/stryker.js', import.meta.url))
const settings = fileURLToPath(new URL('stryker.config.mjs', import.meta.url))
for (const name of names) {
  const run = spawn(execPath, [stryker, 'run', settings, ...options], {
    stdio: 'inherit', cwd: fileURLToPath(new URL(`../packages/${name}`, import.meta.url))
  })
  const [code] = await once(run, 'close')
  if (code !== 0) process.exitCode = 1
}
