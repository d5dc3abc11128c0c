import type { Judge } from '../judge/judge.js'
import type { People } from '../people/people.js'
import { eventually } from '../time.js'
import type { Timings } from '../timings.js'

const everyMs = 1000
const marginMs = 40_000

/**
 * Waits after a storm until every grant can be judged.
 *
 * First the calls go on, because only a caller takes over an expired lease: until every lease that the storm left is
 * gone, and no sign-in or disconnect is running. Then the calls end, and it waits for the leases that they took.
 */
export async function waitForLastLease ({ judge, people, endCalls, timings: { limits, slowAnswer } }: {
  judge: Judge
  people: People
  endCalls: () => void
  timings: Timings
}): Promise<void> {
  const wait = { ms: limits.leaseMs + slowAnswer.most + marginMs, everyMs }
  let left = await judge.leasedTokens(people.states)
  await eventually(async () => {
    const leased = await judge.leasedTokens(people.states)
    left = left.filter((token) => leased.includes(token))
    return left.length === 0 && !people.isBusy
  }, wait)
  endCalls()
  await eventually(async () => !people.isBusy && (await judge.leasedTokens(people.states)).length === 0, wait)
}
