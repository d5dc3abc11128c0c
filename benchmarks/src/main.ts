import { availableParallelism, cpus } from 'node:os'
import { readOptions, usage, type Options } from './options.js'
import { baselineLine, callTable, requestTable } from './report.js'
import { runRounds } from './rounds.js'
import type { StoreCalls } from './scenarios/counting-store.js'
import { scenarios } from './scenarios/index.js'
import { startServer, type ServerProcess } from './server/server-process.js'
import { storeCallsOf } from './store-calls.js'
import { measureAllTokenCalls } from './token-calls.js'

/** Closed in `finally`, so that no process is left after a failure. */
const servers: ServerProcess[] = []

try {
  await run(readOptions(process.argv.slice(2)))
} catch (error) {
  process.exitCode = 1
  console.error(error instanceof Error ? error.message : error)
  console.error(usage)
} finally {
  for (const server of servers) await server.close()
}

async function run (options: Options): Promise<void> {
  const { names, rounds, ms, connections, seed, profileTo } = options
  const profiling = profileTo === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`]
  console.log(`Node.js ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ` +
    `${rounds} rounds of ${ms / 1000} s, ${connections} connections, seed ${seed}`)

  for (const name of names) servers.push(await startServer(name, profiling))
  const results = await runRounds(servers, options, (done) => {
    if (done % 10 === 0) console.log(`${done} of ${rounds} rounds`)
  })
  const calls = await measureAllTokenCalls(5 * ms)

  console.log('\nRatios to the first row in the same round: the median of all rounds, and the middle half of them\n')
  console.log(requestTable(names, results, await countStoreCalls(names)))
  console.log(`\n${baselineLine(results)}`)
  console.log('\naccessToken() of the core on a fresh grant; processor time as a ratio to a request of the first row\n')
  console.log(callTable(calls, results))
}

async function countStoreCalls (names: string[]): Promise<Map<string, StoreCalls>> {
  const counted = new Map<string, StoreCalls>()
  for (const name of names) {
    const scenario = scenarios[name]
    if (scenario !== undefined) counted.set(name, await storeCallsOf(scenario))
  }
  return counted
}
