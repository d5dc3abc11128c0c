import { performance } from 'node:perf_hooks'
import { shuffled, spreadOf, type Spread } from './statistics.js'

/** What one measurement of one subject found, by metric. */
export type Measurement = Readonly<Record<string, number>>

/** What is measured: a server, a library, a store. */
export interface Subject {
  name: string
  measure: () => Promise<Measurement>
}

/** The measurements of one round, by subject. */
export type Round = ReadonlyMap<string, Measurement>

export interface Plan {
  /** How many rounds count, at most. */
  rounds: number
  /** Rounds before them, which do not count: compilers, connections and caches become warm in them. */
  warmUps: number
  /** Decides the order of the subjects in each round. */
  seed: number
  /** No further round begins after this, in milliseconds of `performance.now()`; one round is always measured. */
  untilMs: number
  /** Called after each round that counts. */
  onRound: (done: number) => void
}

/**
 * Measures each subject once in each round, one at a time, in an order that the seed shuffles anew for each round: what
 * else the machine does, and what the subject before left behind, affects all of them alike.
 */
export async function runRounds (subjects: readonly Subject[], plan: Plan): Promise<Round[]> {
  const { rounds, warmUps, seed, untilMs, onRound } = plan
  for (let index = 0; index < warmUps; index++) await runRound(subjects, seed + 1_000_003 + index)
  const results: Round[] = []
  while (results.length < rounds && (results.length === 0 || performance.now() < untilMs)) {
    results.push(await runRound(subjects, seed + results.length))
    onRound(results.length)
  }
  return results
}

async function runRound (subjects: readonly Subject[], seed: number): Promise<Round> {
  const round = new Map<string, Measurement>()
  for (const { name, measure } of shuffled(subjects, seed)) round.set(name, await measure())
  return round
}

/** One metric of a subject in all rounds. @throws {Error} it was not measured */
export function valuesOf (rounds: readonly Round[], name: string, metric: string): number[] {
  return rounds.map((round) => {
    const value = round.get(name)?.[metric]
    if (value === undefined) throw new Error(`${name} was not measured: ${metric}.`)
    return value
  })
}

/** The ratio of a subject to another one of the same round. */
export function ratioOf (rounds: readonly Round[], name: string, other: string, metric: string): Spread {
  const others = valuesOf(rounds, other, metric)
  return spreadOf(valuesOf(rounds, name, metric).map((value, index) => value / (others[index] ?? NaN)))
}

/** The difference of a subject and another one of the same round. */
export function differenceOf (rounds: readonly Round[], name: string, other: string, metric: string): Spread {
  const others = valuesOf(rounds, other, metric)
  return spreadOf(valuesOf(rounds, name, metric).map((value, index) => value - (others[index] ?? NaN)))
}
