import { randomInt } from 'node:crypto'
import { GivenServerError } from '@miro-oauth/test-servers'
import { help, OptionError, readOptions, type ChaosOptions } from './options.js'
import { runExpiries } from './plans/expiries.js'
import { runSigterm } from './plans/sigterm.js'
import { runStorm } from './plans/storm.js'
import { expiryRows } from './report/expiry-rows.js'
import { sigtermRows } from './report/sigterm-rows.js'
import { stormRows } from './report/storm-rows.js'
import { toTable, type Column } from './report/table.js'
import type { StoreKind } from './stores/store-kind.js'

/** The subjects that are not ours run for two minutes at most. */
const mostMinutesOfOthers = 2
/** How many violations of one storm are printed. */
const mostPrinted = 20

/** Runs a storm for each store and subject, prints their table, and returns the exit code. */
async function runStorms ({ stores, subjects, minutes, ...options }: ChaosOptions): Promise<number> {
  const columns: Column[] = []
  let isBroken = false
  for (const store of stores) {
    for (const subject of subjects) {
      const result = await runStorm({
        ...options,
        store,
        subject,
        minutes: subject === 'ours' ? minutes : Math.min(minutes, mostMinutesOfOthers),
        onProgress: (line) => { console.error(`${subject} on ${store}, ${line}`) }
      })
      if (result === null) continue
      columns.push({ name: subject, rows: stormRows(result) })
      const { violations } = result.tally
      for (const { kind, cause, timeline } of violations.slice(0, mostPrinted)) {
        console.error(`${kind}: ${cause}\n${timeline}`)
      }
      if (subject === 'ours' && violations.length > 0) isBroken = true
    }
  }
  if (columns.length > 0) console.log(toTable(columns))
  return isBroken || columns.length === 0 ? 1 : 0
}

/** Runs another plan for each store, prints their table, and returns 0 if the plan holds on all of them. */
async function runPlan<Result> (stores: ChaosOptions['stores'], plan: {
  run: (store: StoreKind) => Promise<Result | null>
  rows: (result: Result) => Column['rows']
  holds: (result: Result) => boolean
}): Promise<number> {
  const results: Result[] = []
  for (const store of stores) {
    const result = await plan.run(store)
    if (result !== null) results.push(result)
  }
  if (results.length > 0) console.log(toTable(results.map((result) => ({ name: 'ours', rows: plan.rows(result) }))))
  return results.length > 0 && results.every(plan.holds) ? 0 : 1
}

function run (options: ChaosOptions): Promise<number> {
  const { stores, rounds, times, seed } = options
  switch (options.plan) {
    case 'storm': return runStorms(options)
    case 'expiries': return runPlan(stores, {
      run: (store) => runExpiries({ store, rounds }),
      rows: expiryRows,
      holds: (result) => result.refreshRequests === rounds && result.failed.length === 0 && result.refused === 0
    })
    case 'sigterm': return runPlan(stores, {
      run: (store) => runSigterm({ store, times, seed }),
      rows: sigtermRows,
      holds: ({ failures }) => failures.length === 0
    })
  }
}

const args = process.argv.slice(2)
if (args.includes('--help')) {
  console.log(help)
} else {
  process.exitCode = await start(args).catch((error: unknown) => {
    if (!(error instanceof OptionError) && !(error instanceof GivenServerError)) throw error
    console.error(error.message)
    return 1
  })
}

async function start (args: string[]): Promise<number> {
  const options = readOptions(args, () => randomInt(1_000_000))
  console.log(`npm run chaos -- ${args.join(' ')}\nseed ${options.seed}\n`)
  return run(options)
}
