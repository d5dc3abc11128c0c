import { performance } from 'node:perf_hooks'
import { childInput, serve } from '../child/serve.js'
import type { Measurement } from '../measure/rounds.js'
import { libraries, type TokenCall } from './libraries.js'

const library = libraries[String(childInput())]
if (library === undefined) throw new Error('There is no such library.')
const call = await library.prepare()
if ((await call()).length === 0) throw new Error('There was no token.')

serve({ measure: (ms) => measure(call, Number(ms)) }, null)

/** Calls one after the other for `ms` milliseconds, in batches: reading the clock costs about as much as a call. */
async function measure (call: TokenCall, ms: number): Promise<Measurement> {
  const before = process.cpuUsage()
  const startedAt = performance.now()
  let calls = 0
  while (performance.now() - startedAt < ms) for (let index = 0; index < 50; index++, calls++) await call()
  const elapsedMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(before)
  return { micros: elapsedMs * 1000 / calls, cpuMicros: (user + system) / calls }
}
