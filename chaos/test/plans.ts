import t from 'tap'
import { runExpiries } from '../src/plans/expiries.js'
import { runSigterm } from '../src/plans/sigterm.js'
import { storeKinds } from '../src/stores/store-kind.js'

const seed = 20

for (const store of storeKinds) {
  t.test(`expiries: four processes with a hundred callers each refresh once per expiry, on ${store}`, async (t) => {
    const result = await runExpiries({ store, rounds: 10 })
    if (result === null) return
    t.match(result, { refreshRequests: 10, callers: 4000, failed: [], refused: 0 })
    t.equal(result.failed.length, 0)
  })
}

t.test('sigterm: a server that is terminated during a refresh answers, exits with 0 and loses no grant', async (t) => {
  const options = { times: 4, seed }
  const result = await runSigterm({ store: 'redis', ...options }) ?? await runSigterm({ store: 'postgres', ...options })
  if (result === null) return
  t.comment(`seed ${seed}`)
  t.same(result.failures, [])
  t.match(result, { answered: 4, exited: 4, alive: 4 })
})
