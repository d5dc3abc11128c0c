import type { Judge } from '../judge/judge.js'
import type { People } from '../people/people.js'
import { eventually } from '../time.js'
import type { Timings } from '../timings.js'

const everyMs = 1000
const marginMs = 40_000

/**
 * Waits until everything is decided. The calls go on until the last claim that the storm left behind is taken over and
 * everybody is where they want to be; then they `rest`, until nothing is under way any more.
 */
export async function settle ({ judge, people, rest, timings: { limits, slowAnswer } }: {
  judge: Judge
  people: People
  rest: () => void
  timings: Timings
}): Promise<void> {
  const wait = { ms: limits.leaseMs + slowAnswer.most + marginMs, everyMs }
  let left = await judge.claims(people.standings)
  await eventually(async () => {
    const now = await judge.claims(people.standings)
    left = left.filter((claim) => now.includes(claim))
    return left.length === 0 && !people.isBusy
  }, wait)
  rest()
  await eventually(async () => !people.isBusy && (await judge.claims(people.standings)).length === 0, wait)
}
