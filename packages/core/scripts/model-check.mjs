// Checks the refresh rules against the model of Miro at greater length: npm run model-check -- --seed 123 --runs 200000
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'

const given = process.argv.slice(2)
const seed = given.some((argument) => /^--seed\b/.test(argument)) ? [] : ['--seed', String(randomInt(2 ** 31))]
const passed = [...seed, ...given].map((argument) => `--test-arg=${argument}`)
const tap = spawn('tap', ['--disable-coverage', '--timeout=0', 'test/model-check-refuse.ts', 'test/model-check-revoke-family.ts', ...passed], { stdio: 'inherit' })
tap.on('close', (status) => { process.exitCode = status ?? 1 })
