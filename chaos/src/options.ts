import { parseArgs } from 'node:util'
import { killTargets, reuseRules, type KillTarget, type ReuseRule } from './plans/storm-options.js'
import { storeKinds, type StoreKind } from './stores/store-kind.js'
import { subjectNames, type SubjectName } from './subjects/subject-name.js'

const plans = ['storm', 'expiries', 'sigterm'] as const
const comparedSubjects: SubjectName[] = ['ours', 'miro-api', 'fastify-oauth2']

/** The options of the command line. */
export interface ChaosOptions {
  plan: typeof plans[number]
  stores: StoreKind[]
  subjects: SubjectName[]
  seed: number
  minutes: number
  reuse: ReuseRule
  kill: KillTarget
  scale: number
  people: number
  callsPerSecond: number
  rounds: number
  times: number
}

export const help = `chaos: runs a fleet of processes on a real store with faults, and judges every user's grant

  --plan <storm|expiries|sigterm>    default storm
  --store <postgres|redis|sqlite|all>   default all, less those that this machine has not
  --seed <number>                    decides which faults happen when; default random, and printed
storm
  --subject <ours|miro-api|fastify-oauth2|all|without-lease>   default ours
  --minutes <number>                 default 10; of the subjects that are not ours, two at most
  --reuse <refuse|revoke-family|both>   Miro's answer to a spent refresh token; default both, half the time each
  --kill <any|refreshing>            kills any process, or only those with a refresh under way; default any
  --scale <number>                   shrinks every wait; default 1, the real lease and limits
  --people <number>                  default 500
  --calls <number>                   calls to Miro per second, of the whole fleet; default 240
expiries
  --rounds <number>                  default 200
sigterm
  --times <number>                   default 200
`

/** An option of the command line that cannot be read. The message names it. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
  readonly code = 'CHAOS_OPTION'
}

/** @throws {OptionError} naming the option that cannot be read */
export function readOptions (args: readonly string[], drawSeed: () => number): ChaosOptions {
  const values = parse(args)
  return {
    plan: toChoice('plan', values.plan, plans),
    stores: values.store === 'all' ? [...storeKinds] : [toChoice('store', values.store, storeKinds)],
    subjects: values.subject === 'all' ? comparedSubjects : [toChoice('subject', values.subject, subjectNames)],
    seed: values.seed === undefined ? drawSeed() : toNumber('seed', values.seed),
    minutes: toNumber('minutes', values.minutes),
    reuse: toChoice('reuse', values.reuse, reuseRules),
    kill: toChoice('kill', values.kill, killTargets),
    scale: toNumber('scale', values.scale),
    people: toNumber('people', values.people),
    callsPerSecond: toNumber('calls', values.calls),
    rounds: toNumber('rounds', values.rounds),
    times: toNumber('times', values.times)
  }
}

function parse (args: readonly string[]) {
  try {
    return parseNamed(args)
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message.split('\n', 1).join('') : 'The options cannot be read')
  }
}

function parseNamed (args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      plan: { type: 'string', default: 'storm' },
      store: { type: 'string', default: 'all' },
      subject: { type: 'string', default: 'ours' },
      seed: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      reuse: { type: 'string', default: 'both' },
      kill: { type: 'string', default: 'any' },
      scale: { type: 'string', default: '1' },
      people: { type: 'string', default: '500' },
      calls: { type: 'string', default: '240' },
      rounds: { type: 'string', default: '200' },
      times: { type: 'string', default: '200' }
    }
  }).values
}

function toChoice<Choice extends string> (name: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((one) => one === text)
  if (choice === undefined) throw new OptionError(`--${name} takes one of ${choices.join(', ')}`)
  return choice
}

function toNumber (name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < Infinity)) throw new OptionError(`--${name} takes a number above 0`)
  return value
}
