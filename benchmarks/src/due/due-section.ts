import type { BackendAddress, BackendKind } from '../backend/backend-kind.js'
import { toNumbers, type Child } from '../child/start-child.js'
import { runRounds, valuesOf, type Measurement, type Round, type Subject } from '../measure/rounds.js'
import { largestOf, spreadOf } from '../measure/statistics.js'
import { startTokenEndpoint, type TokenEndpoint } from '../miro/token-endpoint.js'
import { valueCell } from '../report/cells.js'
import type { SectionResult } from '../report/result.js'
import type { Section, SectionPlan } from '../report/section.js'
import { startWorker, storeNames } from './start-worker.js'
import type { Filling } from './worker.js'

interface DueRow {
  kind: BackendKind
  processes: number
  /** How long the stand-in for Miro takes for a refresh. */
  miroMs: number
}

/** With a slow Miro, the time is that of the requests: a tenth of the grants shows it as well. */
const slowMs = 100
const slowPart = 0.1

const rows: Readonly<Record<string, DueRow>> = Object.fromEntries(
  ([['memory', 1], ['sqlite', 1], ['redis', 1], ['redis', 4], ['postgres', 1], ['postgres', 4]] as const).flatMap(([kind, processes]) => {
    return [0, slowMs].map((miroMs): [string, DueRow] => [`${kind}-${processes}${miroMs === 0 ? '' : '-slow'}`, { kind, processes, miroMs }])
  })
)

const title = '`refreshDue` where every grant is due'
/** Filling the store for each measurement takes longer than the measurement. */
const mostRounds = 7

/** How fast due grants are refreshed, each once. */
export const dueSection: Section = {
  title,
  weight: 4,
  rows: Object.keys(rows),
  async run (plan, tools) {
    const endpoint = await startTokenEndpoint()
    const subjects: DueSubject[] = []
    try {
      for (const [name, row] of Object.entries(rows)) {
        const address = plan.only === null || plan.only.includes(name) ? await tools.address(row.kind) : null
        if (address !== null) subjects.push(await startSubject(name, row, { address, endpoint, plan }))
      }
      if (subjects.length === 0) return null
      const rounds = await runRounds(subjects, {
        ...plan, rounds: Math.min(plan.rounds, mostRounds), warmUps: 0, onRound: (done) => tools.progress(`round ${done}`)
      })
      return toResult(subjects.map(({ name }) => name), rounds, plan.due)
    } finally {
      for (const { close } of subjects) await close()
      await endpoint.close()
    }
  }
}

interface DueSubject extends Subject {
  close: () => Promise<void>
}

async function startSubject (
  name: string,
  { processes, miroMs }: DueRow,
  { address, endpoint, plan }: { address: BackendAddress, endpoint: TokenEndpoint, plan: SectionPlan }
): Promise<DueSubject> {
  const workers: Child[] = []
  const close = async (): Promise<void> => { for (const worker of workers) await worker.close() }
  const count = Math.max(1, Math.round(miroMs === 0 ? plan.due : plan.due * slowPart))
  try {
    while (workers.length < processes) {
      workers.push(await startWorker(address, { miroUrl: endpoint.url, limit: plan.due + 1000 }))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { name, close, measure: () => measure(workers, { count, miroMs, endpoint }) }
}

async function measure (
  workers: readonly Child[], { count, miroMs, endpoint }: { count: number, miroMs: number, endpoint: TokenEndpoint }
): Promise<Measurement> {
  const filling: Filling = { first: 4_000_000, count, issuedDaysAgo: 55 }
  await workers[0]?.ask('clear')
  await workers[0]?.ask('fill', filling)
  endpoint.answerAfter(miroMs)
  const before = endpoint.refreshes()
  const walks = await Promise.all(workers.map(async (worker) => toNumbers(await worker.ask('walk'))))
  const sum = (metric: string): number => walks.reduce((total, walk) => total + (walk[metric] ?? 0), 0)
  return {
    rate: count / largestOf(walks.map(({ elapsedMs = 0 }) => elapsedMs)) * 1000,
    reads: sum('reads') / count,
    writes: sum('writes') / count,
    refreshes: (endpoint.refreshes() - before) / count,
    failed: sum('failed'),
    stallMs: largestOf(walks.map(({ stallMs = 0 }) => stallMs))
  }
}

function toResult (names: readonly string[], rounds: readonly Round[], due: number): SectionResult {
  const most = (name: string, metric: string, digits: number): string => {
    return largestOf(valuesOf(rounds, name, metric)).toFixed(digits)
  }
  return {
    title,
    method: [
      `The store holds ${due.toLocaleString('en')} grants whose tokens were issued 55 days ago, a tenth of them where Miro is slow. Each process calls ` +
      '`refreshDue()` with its default options until there is no further page, all at once. Miro is a stand-in on the same machine, and with it, the ' +
      'store\'s server and four processes the cores are shared. Reads and writes are calls of the store, those for pages included, of all processes together. ' +
      'Refreshes a grant, failures and stalls are the most of any round.'
    ],
    noise: null,
    rounds: rounds.length,
    tables: [{
      title: `${due.toLocaleString('en')} due`,
      head: ['grants/s', 'refreshes a grant', 'failed', 'reads a grant', 'writes a grant', 'longest stall, ms'],
      rows: names.map((name) => ({
        title: titleOf(name),
        cells: [
          valueCell(rounds, name, 'rate', 0),
          most(name, 'refreshes', 2),
          most(name, 'failed', 0),
          valueCell(rounds, name, 'reads', 2),
          valueCell(rounds, name, 'writes', 2),
          most(name, 'stallMs', 0)
        ]
      }))
    }],
    chart: {
      title: `refreshDue with ${due.toLocaleString('en')} due: grants a second (longer is better)`,
      bars: names.map((name) => ({ title: titleOf(name), spread: spreadOf(valuesOf(rounds, name, 'rate')), isOurs: true })),
      digits: 0
    }
  }
}

function titleOf (name: string): string {
  const row = rows[name]
  if (row === undefined) return name
  const { kind, processes, miroMs } = row
  return `${storeNames[kind]}, ${processes} ${processes === 1 ? 'process' : 'processes'}${miroMs === 0 ? '' : `, Miro takes ${miroMs} ms`}`
}
