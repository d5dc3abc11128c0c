import { startChild, toNumbers, type Child } from '../child/start-child.js'
import { installedWith } from '../installed/packages.js'
import { ratioOf, valuesOf, type Round, type Subject } from '../measure/rounds.js'
import { runRoundsWithStarts, type Started } from '../measure/starts.js'
import { shuffled, spreadOf } from '../measure/statistics.js'
import { noiseLine, valueCell } from '../report/cells.js'
import type { SectionResult, Table } from '../report/result.js'
import type { Section, SectionPlan } from '../report/section.js'
import { libraries } from './libraries.js'

const title = 'An access token outside of a request'
const method = [
  'Calls on a grant whose token is good for an hour, one after the other, in a process for each library, without any ' +
  'request to a network. google-auth-library has one grant in its client and no store to read. Of @atproto/oauth-client-node it is ' +
  'the session getter, which `restore()` calls, alone: `restore()` itself asks a server for its metadata, and each read of its session imports a key, as with every store that is not in the same process.'
]

/** What `accessToken()` costs on a fresh grant, and what the libraries bring into `node_modules`. */
export const tokenSection: Section = {
  title,
  weight: 1,
  rows: Object.keys(libraries),
  async run (plan, tools) {
    const { only } = plan
    const names = Object.keys(libraries).filter((name) => only === null || only.includes(name) || name.startsWith('core'))
    const rounds = await runRoundsWithStarts(
      (index) => startAll(names, { ...plan, seed: plan.seed + index }),
      { ...plan, onRound: (done) => tools.progress(`${done} of ${plan.rounds} rounds`) }
    )
    return toResult(names, rounds)
  }
}

async function startAll (names: readonly string[], { seed, ms, execArgv }: SectionPlan): Promise<Started<Subject>> {
  const children: Child[] = []
  const close = async (): Promise<void> => { for (const child of children) await child.close() }
  try {
    const subjects: Subject[] = []
    for (const name of shuffled(names, seed)) {
      const child = await startChild(new URL('caller.js', import.meta.url), name, execArgv)
      children.push(child)
      subjects.push({ name, measure: async () => toNumbers(await child.ask('measure', ms)) })
    }
    return { subjects, close }
  } catch (error) {
    await close()
    throw error
  }
}

function toResult (names: readonly string[], rounds: readonly Round[]): SectionResult {
  return {
    title,
    method,
    noise: noiseLine('the first row again', ratioOf(rounds, 'core-again', 'core', 'micros')),
    rounds: rounds.length,
    tables: [{
      title: 'Calls on a fresh grant',
      head: ['µs', 'processor µs'],
      rows: names.map((name) => ({
        title: titleOf(name),
        cells: [valueCell(rounds, name, 'micros', 2), valueCell(rounds, name, 'cpuMicros', 2)]
      }))
    }, installedTable()],
    chart: {
      title: 'An access token on a fresh grant: microseconds (shorter is better)',
      bars: names.map((name) => ({ title: titleOf(name), spread: spreadOf(valuesOf(rounds, name, 'micros')), isOurs: name.startsWith('core') })),
      digits: 1
    }
  }
}

/** Packages and megabytes, with all that they depend on. */
function installedTable (): Table {
  const sets = [
    ['@miro-oauth/core'], ['@miro-oauth/fastify'], ['@miro-oauth/redis'], ['@miro-oauth/postgres'], ['@miro-oauth/sqlite'], ['@mirohq/miro-api'],
    ['@fastify/oauth2', '@fastify/session', '@fastify/cookie'], ['@fastify/secure-session'], ['google-auth-library'], ['@atproto/oauth-client-node']
  ]
  return {
    title: 'What is installed: production dependencies, each once, without peer dependencies',
    head: ['packages', 'MB'],
    rows: sets.map((names) => {
      const { packages, bytes } = installedWith(names)
      return { title: names.join(', '), cells: [String(packages), (bytes / 1e6).toFixed(1)] }
    })
  }
}

function titleOf (name: string): string {
  return libraries[name]?.title ?? name
}
