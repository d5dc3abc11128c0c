import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sections } from './sections.js'

/** The options of the command line. */
export interface Options {
  /** How many rounds of each section are measured at most. */
  rounds: number
  /** How long one measurement takes, in milliseconds. */
  ms: number
  /** How long each server is under load before a measurement counts, in milliseconds: compilers optimize hot code. */
  warmUpMs: number
  /** How long the run may take, about; sections share it. */
  minutes: number
  /** How often servers are started anew. */
  starts: number
  connections: number
  /** Decides the order of the rows in each round. */
  seed: number
  /** How many grants the stores hold, of which none is due. */
  grants: number
  /** How many grants are due. */
  due: number
  /** The sections to run, each with its rows; `null`: all rows. */
  only: ReadonlyMap<string, readonly string[] | null>
  /** The folder for the reports; `null` writes none. */
  out: string | null
  /** The folder for a CPU profile of each server; `null` takes none. */
  profileTo: string | null
}

/** A run for a look: too few rounds to compare anything. */
const quick = { warmUp: '0.1', rounds: '3', seconds: '0.1', minutes: '1', starts: '1', grants: '500', due: '200' }
const full = { warmUp: '1', rounds: '60', seconds: '0.2', minutes: '15', starts: '4', grants: '100000', due: '10000' }

export const usage = `npm run bench -- [--quick] [--minutes ${full.minutes}] [--rounds ${full.rounds}] [--seconds ${full.seconds}] [--starts ${full.starts}] [--warm-up ${full.warmUp}] \
[--connections 16] [--seed 1] [--grants ${full.grants}] [--due ${full.due}] [--only section,section/row] [--out folder | --no-out] [--profile folder]
sections: ${Object.keys(sections).join(', ')}`

/** @throws {Error} an option is wrong; the message names it */
export function readOptions (args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      minutes: { type: 'string' },
      starts: { type: 'string' },
      connections: { type: 'string', default: '16' },
      seed: { type: 'string', default: '1' },
      grants: { type: 'string' },
      due: { type: 'string' },
      only: { type: 'string', default: Object.keys(sections).join(',') },
      out: { type: 'string' },
      'no-out': { type: 'boolean', default: false },
      profile: { type: 'string' }
    }
  })
  const given = { ...(values.quick ? quick : full), ...values }
  return {
    rounds: toNumber('rounds', given.rounds, { least: 1, whole: true }),
    ms: toNumber('seconds', given.seconds, { least: 0.01, whole: false }) * 1000,
    warmUpMs: toNumber('warm-up', values['warm-up'] ?? given.warmUp, { least: 0, whole: false }) * 1000,
    minutes: toNumber('minutes', given.minutes, { least: 0.01, whole: false }),
    starts: toNumber('starts', given.starts, { least: 1, whole: true }),
    connections: toNumber('connections', values.connections, { least: 1, whole: true }),
    seed: toNumber('seed', values.seed, { least: 0, whole: true }),
    grants: toNumber('grants', given.grants, { least: 1, whole: true }),
    due: toNumber('due', given.due, { least: 1, whole: true }),
    only: toSections(values.only),
    out: values['no-out'] ? null : values.out ?? (values.quick ? null : defaultFolder),
    profileTo: values.profile ?? null
  }
}

const defaultFolder = fileURLToPath(new URL('../results', import.meta.url))

function toNumber (name: string, text: string, { least, whole }: { least: number, whole: boolean }): number {
  const number = Number(text)
  if (!(number >= least && number <= 10_000_000) || (whole && !Number.isInteger(number))) {
    throw new Error(`--${name} must be a ${whole ? 'whole ' : ''}number, at least ${least}.`)
  }
  return number
}

/** `memory/sign-in,tokens` is one row of a section, with what it is compared with, and all rows of another. */
function toSections (text: string): Map<string, string[] | null> {
  const chosen = new Map<string, string[] | null>()
  for (const entry of text.split(',')) {
    const [name = '', row] = entry.split('/', 2)
    const section = Object.hasOwn(sections, name) ? sections[name] : undefined
    if (section === undefined || (row !== undefined && !section.rows.includes(row))) {
      throw new Error(`--only: there is no ${row === undefined ? `section ${name}` : `row ${entry}`}.${section === undefined ? '' : ` Rows: ${section.rows.join(', ')}`}`)
    }
    const rows = chosen.get(name)
    chosen.set(name, row === undefined || rows === null ? null : [...rows ?? [], row])
  }
  return chosen
}
