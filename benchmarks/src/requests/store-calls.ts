import { openBackend } from '../backend/open-backend.js'
import { countingStore, type StoreCalls } from '../backend/counting-store.js'
import { path, type Scenario } from '../scenarios/scenario.js'

/** Counts the calls that one request of a scenario makes to the store in memory. */
export async function storeCallsOf (scenario: Scenario): Promise<StoreCalls> {
  const backend = await openBackend({ kind: 'memory', url: '' })
  const { store, calls } = countingStore(backend.store)
  const { app, cookies: [cookie = ''] } = await scenario.build({ ...backend, store })
  const before = calls()
  const response = await app.inject({ url: path, headers: { cookie } })
  const after = calls()
  await app.close()
  if (response.statusCode !== 200) throw new Error(`${scenario.title} answered ${response.statusCode}.`)
  return { reads: after.reads - before.reads, writes: after.writes - before.writes }
}
