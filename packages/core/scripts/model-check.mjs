// Checks the refresh rules with more schedules than `npm test`: npm run model-check -- --seed 123 --runs 200000
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'

const given = process.argv.slice(2)
const seed = given.some((argument) => /^--seed\b/.test(argument)) ? [] : ['--seed', String(randomInt(2 ** 31))]
const passed = [...seed, ...given].map((argument) => `--test-arg=${argument}`)
const tests = ['test/model-check-refuse.ts', 'test/model-check-revoke-family.ts']
const tap = spawn('tap', ['--disable-coverage', '--timeout=0', ...tests, ...passed], { stdio: 'inherit' })
tap.on('close', (status) => { process.exitCode = status ?? 1 })
