import type { BackendAddress, BackendKind } from '../backend/backend-kind.js'
import { ratioOf, type Round } from '../measure/rounds.js'
import { runRoundsWithStarts, type Started } from '../measure/starts.js'
import { shuffled } from '../measure/statistics.js'
import { noiseLine, ratioCell, valueCell } from '../report/cells.js'
import type { Chart, Row, SectionResult } from '../report/result.js'
import type { Section, SectionPlan } from '../report/section.js'
import { scenarioOf, scenarios } from '../scenarios/index.js'
import { startServer, type ServerProcess } from './start-server.js'
import { storeCallsOf } from './store-calls.js'

const method = [
  'Each row is the same route: it finds out who sent the request, gets that person\'s access token, and answers with its ' +
  'length. Each server is a process of its own, and the load comes from another one. The ratios are to the first row (or ' +
  'the row that a title names) in the same round; the median of all rounds, and in brackets the interval that holds the ' +
  'true median in 95 of 100 runs. High requests/s are good, and a low processor time.'
]

/** The requests of one kind of store. `title` names what the rows are compared with. */
export function requestSection (kind: BackendKind, title: string, weight: number): Section {
  const all = Object.keys(scenarios[kind] ?? {})
  return {
    title,
    weight,
    rows: all,
    async run (plan, tools) {
      const address = await tools.address(kind)
      if (address === null) return null
      const names = toNames(kind, all, plan.only)
      const rounds = await runRoundsWithStarts(
        (index) => startAll(names, address, { ...plan, seed: plan.seed + index }),
        { ...plan, onRound: (done) => tools.progress(`${done} of ${plan.rounds} rounds`) }
      )
      return toResult({ kind, title, names, rounds })
    }
  }
}

/** The rows that were asked for, those that they are compared with, and the controls of these. */
function toNames (kind: BackendKind, all: readonly string[], only: readonly string[] | null): string[] {
  const asked = only ?? all
  const needed = new Set([...asked, ...asked.map((name) => scenarioOf(kind, name).comparedWith)])
  return all.filter((name) => {
    const { isControl, comparedWith } = scenarioOf(kind, name)
    return needed.has(name) || (isControl === true && needed.has(comparedWith))
  })
}

async function startAll (
  names: readonly string[], address: BackendAddress, plan: SectionPlan
): Promise<Started<ServerProcess>> {
  const subjects: ServerProcess[] = []
  const close = async (): Promise<void> => { for (const server of subjects) await server.close() }
  try {
    for (const name of shuffled(names, plan.seed)) subjects.push(await startServer(name, address, plan))
  } catch (error) {
    await close()
    throw error
  }
  return { subjects, close }
}

interface Found {
  kind: BackendKind
  title: string
  names: readonly string[]
  rounds: readonly Round[]
}

async function toResult ({ kind, title, names, rounds }: Found): Promise<SectionResult> {
  const rows: Row[] = []
  for (const name of names) rows.push(await toRow(kind, name, rounds))
  const head = ['requests/s, ratio', 'processor time, ratio', 'requests/s', 'processor µs', ...kind === 'memory' ? ['store reads', 'writes'] : []]
  return {
    title,
    method,
    noise: noiseOf(kind, names, rounds),
    rounds: rounds.length,
    tables: [{ title: 'Requests', head, rows }],
    chart: toChart({ kind, title, names, rounds })
  }
}

function noiseOf (kind: BackendKind, names: readonly string[], rounds: readonly Round[]): string | null {
  const control = names.find((name) => scenarioOf(kind, name).isControl === true)
  if (control === undefined) return null
  const { title, comparedWith } = scenarioOf(kind, control)
  return noiseLine(title, ratioOf(rounds, control, comparedWith, 'rate'))
}

async function toRow (kind: BackendKind, name: string, rounds: readonly Round[]): Promise<Row> {
  const scenario = scenarioOf(kind, name)
  const calls = kind === 'memory' ? await storeCallsOf(scenario) : null
  return {
    title: scenario.title,
    cells: [
      ratioCell(rounds, name, scenario.comparedWith, 'rate'),
      ratioCell(rounds, name, scenario.comparedWith, 'cpuMicros'),
      valueCell(rounds, name, 'rate', 0),
      valueCell(rounds, name, 'cpuMicros', 1),
      ...calls === null ? [] : [String(calls.reads), String(calls.writes)]
    ]
  }
}

function toChart ({ kind, title, names, rounds }: Found): Chart {
  const bars = names.map((name) => {
    const { title, comparedWith } = scenarioOf(kind, name)
    return { title, spread: ratioOf(rounds, name, comparedWith, 'rate'), isOurs: title.startsWith('Miro plugin') }
  })
  return { title: `${title}: requests/s, of the first row (longer is better)`, bars, digits: 2 }
}
