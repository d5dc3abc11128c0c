import { once } from 'node:events'
import { execArgv } from 'node:process'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { fuzzArguments } from './fixtures/fuzz/arguments.js'
import type { Order, Report } from './fixtures/fuzz/worker.js'

const { runs, seed } = fuzzArguments({ runs: 5000, seed: 1 })
const order: Order = [
  { kind: 'sign-in', runs: Math.round(runs * 0.75), seed },
  { kind: 'connect', runs: Math.round(runs * 0.25), seed }
]

const isCompiled = import.meta.url.endsWith('.js')

// A hang is told by the fuzz itself, which knows what it waits for.
t.setTimeout(0)
t.comment(`repeat it with: npm run prove -- --runs ${runs} --seed ${seed}`)
// In a thread of its own: the test runner's watch over every promise would cost more than all that is tested.
const worker = new Worker(new URL(`./fixtures/fuzz/worker.${isCompiled ? 'js' : 'ts'}`, import.meta.url), { workerData: order, execArgv: isCompiled ? [] : execArgv })
const reports: Report[] = (await once(worker, 'message'))[0]
await worker.terminate()

for (const [index, { kind, runs }] of order.entries()) {
  t.test(`callback: of ${runs}, most of them wrong: no exchange without a flow of this browser, no 5xx, no echo (${kind})`, async (t) => {
    const { breaches = ['it did not run'], ...summary }: Partial<Report> = reports[index] ?? {}
    t.comment(JSON.stringify(summary))
    t.same(breaches, [], `seed ${seed}`)
    if (breaches.length > 0) return
    const { cases = 0, exchanges = 0, logins = 0, signedIn = 0 } = summary
    t.ok(cases >= runs)
    // A fuzz that never gets in would prove nothing of what happens inside.
    t.ok(exchanges > cases / 200, `${exchanges} exchanges`)
    t.ok(logins > cases / 100, `${logins} logins`)
    if (kind === 'sign-in') t.ok(signedIn > cases / 500, `${signedIn} signed in`)
  })
}
