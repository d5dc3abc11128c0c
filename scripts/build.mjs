// Builds every package, or those of a filter: node scripts/build.mjs --filter=@miro-oauth/chaos
import { argv } from 'node:process'
import { startTurbo } from './turbo.mjs'

const turbo = startTurbo(['run', 'build', '--output-logs=errors-only', ...argv.slice(2)], { stdio: 'inherit' })
turbo.on('close', (status) => { process.exitCode = status ?? 1 })
