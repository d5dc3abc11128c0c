import t from 'tap'
import { killsInRefreshes } from '../src/miro/refresh-under-way.js'
import type { StormOptions, StormProgress, StormResult } from '../src/plans/storm-options.js'
import { runStorm } from '../src/plans/storm.js'
import { storeKinds } from '../src/stores/store-kind.js'

// The seed repeats the choices of each storm, though not the scheduling of processes and network.
const seed = 20
const short = {
  subject: 'ours', seed, minutes: 0.16, reuse: 'both', kill: 'any', scale: 0.06, people: 40, callsPerSecond: 30, onProgress: () => {}
} as const

function grantedRefreshes ({ requestLog }: StormProgress): number {
  return requestLog.requests.filter(({ kind, gave }) => kind === 'refresh' && gave !== null).length
}

type ShortOptions = Pick<StormOptions, 'store'> & Partial<StormOptions>

async function runShortStorm (options: ShortOptions): Promise<StormResult | null> {
  return runStorm({ ...short, ...options })
}

for (const store of storeKinds) {
  t.test(`storm: no grant is lost avoidably, on ${store}`, async (t) => {
    const result = await runShortStorm({
      store,
      isEnough: (progress) => {
        const { counts, tally } = progress
        return grantedRefreshes(progress) >= 30 && counts.kills >= 3 && tally.durationsMs.length >= 100
      }
    })
    if (result === null) return
    t.comment(`seed ${seed}`)
    const { tally, counts, alive, disconnected } = result
    t.same(tally.violations.map(({ kind, cause, timeline }) => `${kind}: ${cause}\n${timeline}`), [])
    t.equal(alive + disconnected, short.people)
    t.ok(grantedRefreshes(result) >= 30, `${grantedRefreshes(result)} refreshes`)
    t.ok(counts.kills >= 3, `${counts.kills} kills`)
    t.ok(counts.stops + counts.terminations + counts.cuts + counts.outages >= 3)
    t.ok(tally.durationsMs.length >= 100, `${tally.durationsMs.length} calls`)
  })
}

t.test('storm: processes on one SQLite file that are killed in the middle of refreshes lose no grant avoidably', async (t) => {
  const result = await runShortStorm({
    store: 'sqlite', kill: 'refreshing', isEnough: (progress) => killsInRefreshes(progress) >= 2
  })
  if (result === null) return
  t.comment(`seed ${seed}`)
  t.same(result.tally.violations.map(({ kind, cause, timeline }) => `${kind}: ${cause}\n${timeline}`), [])
  t.ok(killsInRefreshes(result) >= 2, `${killsInRefreshes(result)} kills in refreshes`)
})

t.test('storm: without the lease grants are lost avoidably, and the judge reports them', async (t) => {
  const result = await runShortStorm({
    store: 'redis',
    subject: 'without-lease',
    people: 5,
    callsPerSecond: 100,
    reuse: 'revoke-family',
    minutes: 0.05,
    isEnough: ({ tally }) => tally.count('lost avoidably') > 0
  })
  if (result === null) return
  const { violations } = result.tally
  t.ok(result.tally.count('lost avoidably') > 0)
  t.match(violations.find(({ kind }) => kind === 'lost avoidably')?.timeline, /sends refresh with pair \d+/)
})
