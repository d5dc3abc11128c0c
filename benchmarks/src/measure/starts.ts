import { performance } from 'node:perf_hooks'
import { runRounds, type Plan, type Round, type Subject } from './rounds.js'

/** Subjects that were started together. */
export interface Started<S extends Subject> {
  subjects: S[]
  /** Runs before the rounds, and takes none of their time. */
  warmUp?: () => Promise<void>
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
  let warmUpMs = 0
  for (let index = 0; index < starts; index++) {
    if (index > 0 && performance.now() >= plan.untilMs + warmUpMs) break
    const rounds = Math.floor(plan.rounds * (index + 1) / starts) - Math.floor(plan.rounds * index / starts)
    if (rounds === 0) continue
    const started = await start(index)
    const before = results.length
    try {
      warmUpMs += await timeOf(started.warmUp)
      const part = {
        ...plan,
        rounds,
        seed: plan.seed + 1000 * index,
        untilMs: beganAt + (plan.untilMs - beganAt) * (index + 1) / starts + warmUpMs,
        onRound: (done: number) => plan.onRound(before + done)
      }
      results.push(...await runRounds(started.subjects, part))
    } finally {
      await started.close()
    }
  }
  return results
}

/** How long some work takes, in milliseconds. */
async function timeOf (work: () => Promise<void> = async () => {}): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
