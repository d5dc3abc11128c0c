import type { BackendAddress, BackendKind } from '../backend/backend-kind.js'
import { ratioOf, type Round } from '../measure/rounds.js'
import { runRoundsWithStarts, type Started } from '../measure/starts.js'
import { shuffled, spreadOf } from '../measure/statistics.js'
import { valuesOf } from '../measure/rounds.js'
import { startTokenEndpoint, type TokenEndpoint } from '../miro/token-endpoint.js'
import { noiseLine, ratioCell, valueCell } from '../report/cells.js'
import type { SectionResult } from '../report/result.js'
import type { Section, SectionPlan } from '../report/section.js'
import type { Library } from './apps.js'
import { startSignInServer, type SignInServer } from './start-server.js'

interface SignInRow {
  kind: BackendKind
  library: Library
  title: string
  comparedWith: string
}

const where: Array<[BackendKind, string]> = [['memory', 'in memory'], ['redis', 'on Redis'], ['postgres', 'on PostgreSQL']]

const rows: Readonly<Record<string, SignInRow>> = {
  'memory-again': { kind: 'memory', library: 'oauth2-session', title: 'the first row again', comparedWith: 'memory-peer' },
  ...Object.fromEntries(where.flatMap(([kind, place]): Array<[string, SignInRow]> => [
    [`${kind}-peer`, { kind, library: 'oauth2-session', title: `@fastify/oauth2 and @fastify/session, ${place}`, comparedWith: `${kind}-peer` }],
    [`${kind}-miro`, { kind, library: 'miro', title: `Miro plugin, ${place}`, comparedWith: `${kind}-peer` }]
  ]))
}
const order = Object.keys(rows).sort((a, b) => Number(a === 'memory-again') - Number(b === 'memory-again'))

/** Code that runs for the first time takes four times as long as after some 1,500 sign-ins. */
const signInsPerWarmUpSecond = 2000
const mostStarts = 2

const title = 'One sign-in'
const methodAfter = (signIns: number): string[] => [
  'A browser goes to the app\'s login, and comes back to its callback with a code, one sign-in after the other, each of another ' +
  'person; Miro is a server on the same machine that answers at once. Processor time is that of the app\'s process, what it does after ' +
  'the answer included: the plugin then asks Miro for the names of user and team. Requests to Miro are those that were sent before the ' +
  'browser was sent on. The ratio is to the two libraries on the same kind of store, in the same round. ' +
  `Each server has had ${signIns} sign-ins before: a process takes several times as long for its first ones.`
]

/** What a sign-in costs. */
export const signInSection: Section = {
  title,
  weight: 2,
  rows: order,
  async run (plan, tools) {
    const asked = plan.only === null ? order : order.filter((name) => plan.only?.includes(name))
    const isNeeded = (name: string): boolean => asked.some((other) => rows[other]?.comparedWith === name)
    const names = order.filter((name) => asked.includes(name) || isNeeded(name))
    const addresses = new Map<string, BackendAddress>()
    for (const name of names) {
      const address = await tools.address(rows[name]?.kind ?? 'memory')
      if (address !== null) addresses.set(name, address)
    }
    const endpoint = await startTokenEndpoint()
    try {
      const rounds = await runRoundsWithStarts(
        (index) => startAll(addresses, endpoint, { ...plan, seed: plan.seed + index }),
        { ...plan, warmUps: 0, starts: Math.min(plan.starts, mostStarts), onRound: (done) => tools.progress(`${done} of ${plan.rounds} rounds`) }
      )
      return toResult(order.filter((name) => addresses.has(name)), rounds, signInsBefore(plan))
    } finally {
      await endpoint.close()
    }
  }
}

async function startAll (
  addresses: ReadonlyMap<string, BackendAddress>, endpoint: TokenEndpoint, plan: SectionPlan
): Promise<Started<SignInServer>> {
  const { seed, ms, execArgv } = plan
  const subjects: SignInServer[] = []
  const warmUp = async (): Promise<void> => { for (const server of subjects) await server.warmUp(signInsBefore(plan)) }
  const close = async (): Promise<void> => { for (const server of subjects) await server.close() }
  try {
    for (const [name, address] of shuffled(Array.from(addresses), seed)) {
      const library = rows[name]?.library ?? 'miro'
      subjects.push(await startSignInServer({ name, library, address, endpoint, ms, execArgv }))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { subjects, warmUp, close }
}

/** How many sign-ins each server has before anything counts. */
function signInsBefore ({ warmUps, ms }: SectionPlan): number {
  return Math.ceil(signInsPerWarmUpSecond * warmUps * ms / 1000)
}

function toResult (names: readonly string[], rounds: readonly Round[], signIns: number): SectionResult {
  const control = names.includes('memory-again')
  return {
    title,
    method: methodAfter(signIns),
    noise: control ? noiseLine('the first row again', ratioOf(rounds, 'memory-again', 'memory-peer', 'cpuMs')) : null,
    rounds: rounds.length,
    tables: [{
      title: 'Sign-ins',
      head: ['processor time, ratio', 'processor ms', 'ms in all', 'requests to Miro'],
      rows: names.map((name) => ({
        title: titleOf(name),
        cells: [
          ratioCell(rounds, name, rows[name]?.comparedWith ?? name, 'cpuMs'),
          valueCell(rounds, name, 'cpuMs', 2),
          valueCell(rounds, name, 'elapsedMs', 2),
          spreadOf(valuesOf(rounds, name, 'requests')).median.toFixed(0)
        ]
      }))
    }],
    chart: {
      title: 'One sign-in: processor milliseconds (shorter is better)',
      bars: names.map((name) => ({
        title: titleOf(name), spread: spreadOf(valuesOf(rounds, name, 'cpuMs')), isOurs: rows[name]?.library === 'miro'
      })),
      digits: 1
    }
  }
}

function titleOf (name: string): string {
  return rows[name]?.title ?? name
}
