import type { BackendAddress, BackendKind } from '../backend/backend-kind.js'
import { startChild, type Child } from '../child/start-child.js'
import { runRounds, valuesOf, type Measurement, type Round, type Subject } from '../measure/rounds.js'
import { largestOf, percentileOf, spreadOf } from '../measure/statistics.js'
import { idOf, startTokenEndpoint, type TokenEndpoint } from '../miro/token-endpoint.js'
import { valueCell } from '../report/cells.js'
import type { SectionResult } from '../report/result.js'
import type { Section } from '../report/section.js'
import type { BurstLibrary, WorkerInput } from './worker.js'

const callers = 1000
/** How long the stand-in for Miro takes for a refresh. */
const miroMs = 100

interface BurstRow {
  library: BurstLibrary
  kind: BackendKind
  processes: number
  title: string
}

const rows: Readonly<Record<string, BurstRow>> = Object.fromEntries(
  ([['miro', 'redis'], ['miro', 'postgres'], ['miro-api', 'redis'], ['miro-api', 'postgres']] as const).flatMap(([library, kind]) => {
    return [1, 4].map((processes): [string, BurstRow] => [`${library}-${kind}-${processes}`, {
      library,
      kind,
      processes,
      title: `${library === 'miro' ? 'Miro core' : '@mirohq/miro-api'} on ${kind === 'redis' ? 'Redis' : 'PostgreSQL'}, ` +
        `${processes} ${processes === 1 ? 'process' : 'processes'}`
    }])
  })
)

const title = `${callers.toLocaleString('en')} callers at the moment a token expires`
const method = [
  `In each round a person's token has just expired, and ${callers.toLocaleString('en')} callers, divided among the processes, ask for it at once. ` +
  `Miro is a stand-in on the same machine that takes ${miroMs} ms for a refresh, and takes each refresh token once, as Miro does. "One refresh" is ` +
  'one caller of one process with another such person, in the same round; the stall is what the slowest of 99 in 100 callers waited longer than that. ' +
  'Refreshes and failed callers are the most of any round.'
]

/** Whether callers at an expiry share a refresh, and how long they wait. */
export const burstSection: Section = {
  title,
  weight: 2,
  rows: Object.keys(rows),
  async run (plan, tools) {
    const endpoint = await startTokenEndpoint()
    const subjects: BurstSubject[] = []
    try {
      for (const [name, row] of Object.entries(rows)) {
        const address = plan.only === null || plan.only.includes(name) ? await tools.address(row.kind) : null
        if (address !== null) subjects.push(await startSubject(name, row, { address, endpoint }))
      }
      if (subjects.length === 0) return null
      const rounds = await runRounds(subjects, {
        ...plan, warmUps: 2, onRound: (done) => tools.progress(`${done} of ${plan.rounds} rounds`)
      })
      return toResult(subjects.map(({ name }) => name), rounds)
    } finally {
      for (const { close } of subjects) await close()
      await endpoint.close()
    }
  }
}

interface BurstSubject extends Subject {
  close: () => Promise<void>
}

let lastPerson = 1_000_000

async function startSubject (
  name: string,
  { library, processes }: BurstRow,
  { address, endpoint }: { address: BackendAddress, endpoint: TokenEndpoint }
): Promise<BurstSubject> {
  const input: WorkerInput = { library, address, miroUrl: endpoint.url }
  const workers: Child[] = []
  const close = async (): Promise<void> => { for (const worker of workers) await worker.close() }
  try {
    while (workers.length < processes) workers.push(await startChild(new URL('worker.js', import.meta.url), input))
  } catch (error) {
    await close()
    throw error
  }
  return { name, close, measure: () => measure(workers, endpoint) }
}

async function measure (workers: readonly Child[], endpoint: TokenEndpoint): Promise<Measurement> {
  endpoint.answerAfter(miroMs)
  const { waits: [oneMs = NaN] } = await burst(workers.slice(0, 1), 1)
  const before = endpoint.requests()
  const { waits, failed } = await burst(workers, callers)
  const p99Ms = percentileOf(waits, 0.99)
  return { refreshes: endpoint.requests() - before, failed, p99Ms, oneMs, stallMs: p99Ms - oneMs }
}

async function burst (workers: readonly Child[], callers: number): Promise<{ waits: number[], failed: number }> {
  const userId = idOf(++lastPerson)
  await workers[0]?.ask('expire', userId)
  const answers = await Promise.all(workers.map((worker) => {
    return worker.ask('burst', { userId, callers: callers / workers.length }) as Promise<{ waits: number[], failed: number }>
  }))
  return { waits: answers.flatMap(({ waits }) => waits), failed: answers.reduce((sum, { failed }) => sum + failed, 0) }
}

function toResult (names: readonly string[], rounds: readonly Round[]): SectionResult {
  const most = (name: string, metric: string): string => largestOf(valuesOf(rounds, name, metric)).toLocaleString('en')
  const titleOf = (name: string): string => rows[name]?.title ?? name
  return {
    title,
    method,
    noise: null,
    rounds: rounds.length,
    tables: [{
      title: 'Bursts',
      head: ['refreshes sent', 'failed', 'one refresh, ms', 'p99, ms', 'stall, ms'],
      rows: names.map((name) => ({
        title: titleOf(name),
        cells: [
          most(name, 'refreshes'),
          most(name, 'failed'),
          valueCell(rounds, name, 'oneMs', 0),
          valueCell(rounds, name, 'p99Ms', 0),
          valueCell(rounds, name, 'stallMs', 0)
        ]
      }))
    }],
    chart: {
      title: `${title}: p99 of their wait, milliseconds (shorter is better)`,
      bars: names.map((name) => ({ title: titleOf(name), spread: spreadOf(valuesOf(rounds, name, 'p99Ms')), isOurs: rows[name]?.library === 'miro' })),
      digits: 0
    }
  }
}
