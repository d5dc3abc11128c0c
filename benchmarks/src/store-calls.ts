import { memoryStore } from '@miro-oauth/fastify'
import { countingStore, type StoreCalls } from './scenarios/counting-store.js'
import { path, type Scenario } from './scenarios/scenario.js'

/** Counts the calls that one request of a scenario makes to the store. */
export async function storeCallsOf (scenario: Scenario): Promise<StoreCalls> {
  const store = countingStore(memoryStore())
  const { app, cookie } = await scenario.build(store)
  const before = store.calls()
  const response = await app.inject({ url: path, headers: { cookie } })
  const after = store.calls()
  await app.close()
  if (response.statusCode !== 200) throw new Error(`${scenario.title} answered ${response.statusCode}.`)
  return { reads: after.reads - before.reads, writes: after.writes - before.writes }
}
