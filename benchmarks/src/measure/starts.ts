import { performance } from 'node:perf_hooks'
import { runRounds, type Plan, type Round, type Subject } from './rounds.js'

/** Subjects that were started together. */
export interface Started<S extends Subject> {
  subjects: S[]
  close: () => Promise<void>
}

/**
 * Runs rounds as {@link runRounds} does, and starts the subjects anew several times in between. A process may be faster
 * than another of the same code for as long as it lives, by what the compiler made of its first requests and where its
 * memory lies: with one start, that would look like a property of the code.
 */
export async function runRoundsWithStarts<S extends Subject> (
  start: (index: number) => Promise<Started<S>>,
  { starts, ...plan }: Plan & { starts: number }
): Promise<Round[]> {
  const results: Round[] = []
  const beganAt = performance.now()
  for (let index = 0; index < starts; index++) {
    if (index > 0 && performance.now() >= plan.untilMs) break
    const rounds = Math.floor(plan.rounds * (index + 1) / starts) - Math.floor(plan.rounds * index / starts)
    if (rounds === 0) continue
    const started = await start(index)
    const before = results.length
    const part = {
      ...plan,
      rounds,
      seed: plan.seed + 1000 * index,
      untilMs: beganAt + (plan.untilMs - beganAt) * (index + 1) / starts,
      onRound: (done: number) => plan.onRound(before + done)
    }
    try {
      results.push(...await runRounds(started.subjects, part))
    } finally {
      await started.close()
    }
  }
  return results
}
