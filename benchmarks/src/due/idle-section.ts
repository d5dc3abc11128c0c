import type { BackendKind } from '../backend/backend-kind.js'
import { toNumbers, type Child } from '../child/start-child.js'
import { ratioOf, runRounds, valuesOf, type Round, type Subject } from '../measure/rounds.js'
import { largestOf } from '../measure/statistics.js'
import { noiseLine, valueCell } from '../report/cells.js'
import type { SectionResult } from '../report/result.js'
import type { Section, SectionPlan, SectionTools } from '../report/section.js'
import { startWorker, storeNames } from './start-worker.js'
import type { Filling } from './worker.js'

const kinds: readonly BackendKind[] = ['memory', 'redis', 'postgres', 'sqlite']
const title = '`refreshDue` where no grant is due, and what a grant takes'
const again = 'memory-again'

/** A store that was filled. */
interface Filled {
  kind: BackendKind
  worker: Child
  bytesOfGrant: number
}

/** What looking for due grants costs where there are none, and how large a grant is. */
export const idleSection: Section = {
  title,
  weight: 3,
  rows: kinds,
  async run (plan, tools) {
    const filled: Filled[] = []
    try {
      for (const kind of kinds) {
        if (plan.only === null || plan.only.includes(kind)) filled.push(...await fillOne(kind, plan, tools))
      }
      if (filled.length === 0) return null
      const rounds = await runRounds(toSubjects(filled), {
        ...plan, rounds: Math.min(plan.rounds, 20), warmUps: 1, onRound: (done) => tools.progress(`round ${done}`)
      })
      return toResult(filled, rounds, plan.grants)
    } finally {
      for (const { worker } of filled) await worker.close()
    }
  }
}

/** Empty where this machine has no such store. */
async function fillOne (
  kind: BackendKind, { grants }: SectionPlan, { address: find, progress }: SectionTools
): Promise<Filled[]> {
  const address = await find(kind)
  if (address === null) return []
  progress(`storing ${grants.toLocaleString('en')} grants: ${kind}`)
  // Nothing is due, so that no request is sent there.
  const worker = await startWorker(address, { miroUrl: 'http://127.0.0.1:9', limit: grants + 1000 })
  await worker.ask('clear')
  const before = Number(await worker.ask('bytes'))
  const filling: Filling = { first: 2_000_000, count: grants, issuedDaysAgo: 1 }
  await worker.ask('fill', filling)
  return [{ kind, worker, bytesOfGrant: (Number(await worker.ask('bytes')) - before) / grants }]
}

function toSubjects (filled: readonly Filled[]): Subject[] {
  const subjects = filled.map(({ kind, worker }) => {
    return { name: String(kind), measure: async () => toNumbers(await worker.ask('walk')) }
  })
  const [first] = subjects
  return first === undefined ? [] : [...subjects, { ...first, name: again }]
}

function toResult (filled: readonly Filled[], rounds: readonly Round[], grants: number): SectionResult {
  const [first = ''] = filled.map(({ kind }) => kind)
  return {
    title,
    method: [
      `Each store holds ${grants.toLocaleString('en')} grants whose tokens were issued a day ago. One run calls \`refreshDue()\` until there is no ` +
      'further page, with its default options, in a process that does nothing else. The stall is the longest time in which that process did ' +
      'nothing else either, the most of any round; a timer that is due every millisecond measures it. A grant\'s bytes are what the store grew by, ' +
      'divided by the grants: the heap of the process, `used_memory` of Redis, table and indexes of PostgreSQL, the file of SQLite.'
    ],
    noise: noiseLine(`${first} again`, ratioOf(rounds, again, first, 'elapsedMs')),
    rounds: rounds.length,
    tables: [{
      title: `None due among ${grants.toLocaleString('en')}`,
      head: ['ms', 'longest stall, ms', 'store calls', 'bytes a grant'],
      rows: filled.map(({ kind, bytesOfGrant }) => ({
        title: storeNames[kind],
        cells: [
          valueCell(rounds, kind, 'elapsedMs', 1),
          largestOf(valuesOf(rounds, kind, 'stallMs')).toFixed(0),
          valueCell(rounds, kind, 'reads', 0),
          Math.round(bytesOfGrant).toLocaleString('en')
        ]
      }))
    }],
    chart: null
  }
}
