import { parseArgs } from 'node:util'
import { baseline, scenarios } from './scenarios/index.js'

/** The options of the command line. */
export interface Options {
  /** How often each scenario is measured. */
  rounds: number
  /** How long each measurement takes, in milliseconds. */
  ms: number
  /** Connections at a time, each with one request in flight. */
  connections: number
  /** Decides the order of the scenarios in each round. */
  seed: number
  /** The scenarios to run; the baseline is always among them. */
  names: string[]
  /** The folder for a CPU profile of each server; `null` takes none. */
  profileTo: string | null
}

export const usage = `npm run bench -- [--rounds 40] [--seconds 0.2] [--connections 16] [--seed 1] \
[--only name,name] [--profile folder]
names: ${Object.keys(scenarios).join(', ')}`

/** @throws {Error} an option is wrong; the message names it */
export function readOptions (args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '40' },
      seconds: { type: 'string', default: '0.2' },
      connections: { type: 'string', default: '16' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: Object.keys(scenarios).join(',') },
      profile: { type: 'string' }
    }
  })
  const { rounds, seconds, connections, seed, only, profile = null } = values
  return {
    rounds: toNumber('rounds', rounds, { least: 1, whole: true }),
    ms: toNumber('seconds', seconds, { least: 0.01, whole: false }) * 1000,
    connections: toNumber('connections', connections, { least: 1, whole: true }),
    seed: toNumber('seed', seed, { least: 0, whole: true }),
    names: toNames(only),
    profileTo: profile
  }
}

function toNumber (name: string, text: string, { least, whole }: { least: number, whole: boolean }): number {
  const number = Number(text)
  if (!(number >= least && number <= 1_000_000) || (whole && !Number.isInteger(number))) {
    throw new Error(`--${name} must be a ${whole ? 'whole ' : ''}number, at least ${least}.`)
  }
  return number
}

function toNames (text: string): string[] {
  const asked = text.split(',')
  const unknown = asked.find((name) => !Object.hasOwn(scenarios, name))
  if (unknown !== undefined) throw new Error(`--only: there is no scenario ${unknown}.`)
  const needed = new Set([baseline, ...asked, ...asked.flatMap((name) => scenarios[name]?.comparedWith ?? [])])
  return Object.keys(scenarios).filter((name) => needed.has(name))
}
