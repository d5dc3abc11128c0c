import t from 'tap'
import { runStorm } from '../src/plans/storm.js'
import type { SoFar, StormOptions, StormResult } from '../src/plans/storm-options.js'

// The same storm each time, as far as processes and the network are the same each time.
const seed = 20
const short = { subject: 'ours', seed, minutes: 0.16, reuse: 'both', scale: 0.06, people: 40, callsPerSecond: 30, onProgress: () => {} } as const

function refreshes ({ requestLog }: SoFar): number {
  return requestLog.requests.filter(({ kind, gave }) => kind === 'refresh' && gave !== null).length
}

async function brew (options: Pick<StormOptions, 'store'> & Partial<StormOptions>): Promise<StormResult | null> {
  return runStorm({ ...short, ...options })
}

for (const store of ['postgres', 'redis'] as const) {
  t.test(`a storm over ${store} costs nobody a grant who could have kept it`, async (t) => {
    const result = await brew({ store, isEnough: (soFar) => refreshes(soFar) >= 60 && soFar.counts.kills >= 3 && soFar.tally.durationsMs.length >= 100 })
    if (result === null) return
    t.comment(`seed ${seed}`)
    const { tally, counts, alive, away } = result
    t.same(tally.violations.map(({ kind, cause, timeline }) => `${kind}: ${cause}\n${timeline}`), [])
    t.equal(alive + away, short.people)
    t.ok(refreshes(result) >= 60, `${refreshes(result)} refreshes`)
    t.ok(counts.kills >= 3, `${counts.kills} kills`)
    t.ok(counts.stops + counts.terms + counts.cuts >= 5)
    t.ok(tally.durationsMs.length >= 100, `${tally.durationsMs.length} calls`)
  })
}

t.test('without a lease grants are lost that could have been kept, and the judge says so', async (t) => {
  const result = await brew({ store: 'redis', subject: 'without-lease', people: 5, callsPerSecond: 100, reuse: 'revoke-family', minutes: 0.05, isEnough: ({ tally }) => tally.count('lost avoidably') > 0 })
  if (result === null) return
  const { violations } = result.tally
  t.ok(result.tally.count('lost avoidably') > 0)
  t.match(violations.find(({ kind }) => kind === 'lost avoidably')?.timeline, /sends refresh with pair \d+/)
})
