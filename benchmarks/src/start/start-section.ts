import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { toNumbers } from '../child/start-child.js'
import { ratioOf, runRounds, valuesOf, type Measurement, type Round } from '../measure/rounds.js'
import { spreadOf } from '../measure/statistics.js'
import { differenceCell, noiseLine, valueCell } from '../report/cells.js'
import type { SectionResult } from '../report/result.js'
import type { Section } from '../report/section.js'

const titles: Readonly<Record<string, string>> = {
  oauth2: '@fastify/oauth2',
  'oauth2-again': 'the first row again',
  'oauth2-session': '@fastify/oauth2, @fastify/session, @fastify/cookie',
  miro: 'Miro plugin',
  core: 'Miro core, without the plugin',
  'miro-api': '@mirohq/miro-api'
}

const title = 'Import and registration'
const method = [
  'Each measurement is a fresh process in which Fastify is loaded already: from the import of the packages to the end of ' +
  '`app.ready()`, with the options that each asks for. The files are in the cache of the operating system. The difference is to the first row, in the same round.'
]

/** What an app's start takes longer with each library. */
export const startSection: Section = {
  title,
  weight: 1,
  rows: Object.keys(titles),
  async run ({ only, ...plan }, tools) {
    const names = Object.keys(titles).filter((name) => only === null || only.includes(name) || name.startsWith('oauth2'))
    const subjects = names.map((name) => ({ name, measure: () => measure(name.replace('-again', '')) }))
    const rounds = await runRounds(subjects, {
      ...plan, warmUps: 1, onRound: (done) => tools.progress(`${done} of ${plan.rounds} rounds`)
    })
    return toResult(names, rounds)
  }
}

async function measure (name: string): Promise<Measurement> {
  const module = fileURLToPath(new URL('start-once.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [module, name], { env: { ...process.env, NODE_OPTIONS: '' } })
  return toNumbers(JSON.parse(stdout))
}

function toResult (names: readonly string[], rounds: readonly Round[]): SectionResult {
  return {
    title,
    method,
    noise: noiseLine('the first row again', ratioOf(rounds, 'oauth2-again', 'oauth2', 'elapsedMs')),
    rounds: rounds.length,
    tables: [{
      title: 'Starts',
      head: ['ms', 'ms more than @fastify/oauth2', 'processor ms'],
      rows: names.map((name) => ({
        title: titles[name] ?? name,
        cells: [
          valueCell(rounds, name, 'elapsedMs', 0),
          differenceCell(rounds, name, 'oauth2', 'elapsedMs'),
          valueCell(rounds, name, 'cpuMs', 0)
        ]
      }))
    }],
    chart: {
      title: 'Import and registration: milliseconds (shorter is better)',
      bars: names.map((name) => ({
        title: titles[name] ?? name, spread: spreadOf(valuesOf(rounds, name, 'elapsedMs')), isOurs: name === 'miro' || name === 'core'
      })),
      digits: 0
    }
  }
}
