import { parseArgs } from 'node:util'
import { subjectNames, type SubjectName } from './fleet/messages.js'
import { reuseRules } from './plans/storm-options.js'
import { storeKinds, type StoreKind } from './stores/store-kind.js'

const plans = ['storm', 'expiries', 'sigterm'] as const

/** What the command line asks for. */
export interface ChaosOptions {
  plan: typeof plans[number]
  stores: StoreKind[]
  subjects: SubjectName[]
  seed: number
  minutes: number
  reuse: typeof reuseRules[number]
  scale: number
  people: number
  callsPerSecond: number
  rounds: number
  times: number
}

export const help = `chaos: a fleet of processes on a real store, and what becomes of every user

  --plan <storm|expiries|sigterm>    default storm
  --store <postgres|redis|both>      default both
  --seed <number>                    what goes wrong, and when; default drawn and printed
storm
  --subject <ours|miro-api|fastify-oauth2|all|without-lease>   default ours
  --minutes <number>                 default 10; with "all", the others get two at most
  --reuse <refuse|revoke-family|both>   what Miro does about a spent refresh token; default both, half the time each
  --scale <number>                   shrinks all that is waited for; default 1, the real lease and limits
  --people <number>                  default 500
  --calls <number>                   calls to Miro a second, of the whole fleet; default 240
expiries
  --rounds <number>                  default 200
sigterm
  --times <number>                   default 200
`

/** @throws {Error} saying what is wrong */
export function readOptions (args: readonly string[], drawSeed: () => number): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      plan: { type: 'string', default: 'storm' },
      store: { type: 'string', default: 'both' },
      subject: { type: 'string', default: 'ours' },
      seed: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      reuse: { type: 'string', default: 'both' },
      scale: { type: 'string', default: '1' },
      people: { type: 'string', default: '500' },
      calls: { type: 'string', default: '240' },
      rounds: { type: 'string', default: '200' },
      times: { type: 'string', default: '200' }
    }
  })
  return {
    plan: toChoice('plan', values.plan, plans),
    stores: values.store === 'both' ? [...storeKinds] : [toChoice('store', values.store, storeKinds)],
    subjects: values.subject === 'all' ? ['ours', 'miro-api', 'fastify-oauth2'] : [toChoice('subject', values.subject, subjectNames)],
    seed: values.seed === undefined ? drawSeed() : toNumber('seed', values.seed),
    minutes: toNumber('minutes', values.minutes),
    reuse: toChoice('reuse', values.reuse, reuseRules),
    scale: toNumber('scale', values.scale),
    people: toNumber('people', values.people),
    callsPerSecond: toNumber('calls', values.calls),
    rounds: toNumber('rounds', values.rounds),
    times: toNumber('times', values.times)
  }
}

function toChoice<Word extends string> (name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === text)
  if (word === undefined) throw new Error(`--${name} takes one of ${words.join(', ')}`)
  return word
}

function toNumber (name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0`)
  return value
}
