import t from 'tap'
import { runStorm, type SoFar, type StormOptions, type StormResult } from '../../src/plans/storm.js'

// The same storm each time, as far as processes and the network are the same each time.
const seed = 20
const short = { subject: 'ours', seed, minutes: 0.16, reuse: 'both', scale: 0.06, people: 40, callsPerSecond: 30, onProgress: () => {} } as const

function refreshes ({ book }: SoFar): number {
  return book.requests.filter(({ kind, gave }) => kind === 'refresh' && gave !== null).length
}

async function brew (options: Pick<StormOptions, 'store'> & Partial<StormOptions>): Promise<StormResult | null> {
  return runStorm({ ...short, ...options })
}

for (const store of ['postgres', 'redis'] as const) {
  t.test(`a storm over ${store} costs nobody a grant who could have kept it`, async (t) => {
    const result = await brew({ store, isEnough: (soFar) => refreshes(soFar) >= 60 && soFar.deeds.kills >= 3 && soFar.tally.waits.length >= 100 })
    if (result === null) return
    t.comment(`seed ${seed}`)
    const { tally, deeds, alive, away } = result
    t.same(tally.violations.map(({ kind, cause, story }) => `${kind}: ${cause}\n${story}`), [])
    t.equal(alive + away, short.people)
    t.ok(refreshes(result) >= 60, `${refreshes(result)} refreshes`)
    t.ok(deeds.kills >= 3, `${deeds.kills} kills`)
    t.ok(deeds.stops + deeds.terms + deeds.cuts >= 5)
    t.ok(tally.waits.length >= 100, `${tally.waits.length} calls`)
  })
}

t.test('without claims grants are lost that could have been kept, and the judge says so', async (t) => {
  const result = await brew({ store: 'redis', subject: 'blind', people: 5, callsPerSecond: 100, reuse: 'revoke-family', minutes: 0.05, isEnough: ({ tally }) => tally.count('lost avoidably') > 0 })
  if (result === null) return
  const { violations } = result.tally
  t.ok(result.tally.count('lost avoidably') > 0)
  t.match(violations.find(({ kind }) => kind === 'lost avoidably')?.story, /sends refresh with pair \d+/)
})
