// The proof of the refresh rules at greater length: npm run proof -- --seed 123 --runs 200000
import { spawn } from 'node:child_process'

const passed = process.argv.slice(2).map((argument) => `--test-arg=${argument}`)
const tap = spawn('tap', ['--disable-coverage', '--timeout=0', 'test/proof-refuse.ts', 'test/proof-revoke-family.ts', ...passed], { stdio: 'inherit' })
tap.on('close', (status) => { process.exitCode = status ?? 1 })
