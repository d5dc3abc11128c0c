import { memoryStore } from '@miro-oauth/fastify'
import t from 'tap'
import { load } from '../src/load/load.js'
import { readOptions } from '../src/options.js'
import { scenarios } from '../src/scenarios/index.js'
import { accessToken, path, type Scenario } from '../src/scenarios/scenario.js'
import { shuffled, spreadOf } from '../src/statistics.js'
import { storeCallsOf } from '../src/store-calls.js'
import { measureTokenCalls } from '../src/token-calls.js'

/** How often one request reads the store, as the README says. */
const reads: Record<string, number> = {
  cookie: 0, 'oauth2-session': 0, 'sign-in': 2, required: 2, chosen: 4, connect: 2, alone: 0, unused: 0
}
/** Scenarios without a session. */
const withoutSession = ['alone', 'unused']

t.test('scenarios: all give the same answer', async (t) => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    const { app, cookie } = await scenario.build(memoryStore())
    const { statusCode, json } = await app.inject({ url: path, headers: { cookie } })
    t.equal(statusCode, 200, name)
    t.strictSame(json(), { length: accessToken.length }, name)
    const anonymous = await app.inject(path)
    t.equal(anonymous.statusCode, withoutSession.includes(name) ? 200 : 401, `${name}, without a cookie`)
    t.equal(cookie.split(';').length, 1, `${name} has one cookie`)
    await app.close()
  }
})

t.test('scenarios: a request reads the store as often as the README says, and does not write', async (t) => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    t.strictSame(await storeCallsOf(scenario), { reads: reads[name], writes: 0 }, name)
  }
})

t.test('store calls: a scenario whose answer is not 200 is not counted', async (t) => {
  const refusing: Scenario = {
    title: 'refusing',
    comparedWith: 'alone',
    build: async () => ({ ...await buildOne('cookie'), cookie: 'session=unknown' })
  }
  await t.rejects(storeCallsOf(refusing), { message: 'refusing answered 401.' })
})

t.test('load: it counts answers, and stops at one that is not 200', async (t) => {
  const { app, cookie } = await buildOne('cookie')
  let answered = 0
  app.addHook('onResponse', async () => { answered++ })
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
  t.teardown(() => app.close())
  const { requests } = await load({ port, path, cookie }, { connections: 2, ms: 20 })
  t.equal(requests, answered - 2, 'the first answer of each connection is not counted')
  const refused = load({ port, path, cookie: 'session=unknown' }, { connections: 2, ms: 20 })
  await t.rejects(refused, { message: 'The server answered: HTTP/1.1 401 Unauthorized' })
})

t.test('token calls: accessToken() of the core is called on a grant', async (t) => {
  const { cpuMicros, rate } = await measureTokenCalls('any', { store: memoryStore(), callers: 2, ms: 5 })
  t.ok(Number.isFinite(cpuMicros) && rate > 0)
})

t.test('statistics: quartiles are interpolated, and the order of a round depends on the seed alone', (t) => {
  t.strictSame(spreadOf([3, 1, 5, 2, 4]), { lower: 2, median: 3, upper: 4 })
  t.strictSame(spreadOf([4, 1, 2, 3]), { lower: 1.75, median: 2.5, upper: 3.25 })
  t.strictSame(spreadOf([1]), { lower: 1, median: 1, upper: 1 })
  t.throws(() => spreadOf([]))
  const items = [1, 2, 3, 4, 5, 6, 7, 8]
  t.strictSame(shuffled(items, 1), shuffled(items, 1))
  t.strictSame(shuffled(items, 1).toSorted(), items)
  t.notSame(shuffled(items, 1), shuffled(items, 2))
  t.end()
})

t.test('options: a wrong option is named', (t) => {
  const { names } = readOptions(['--only', 'unused'])
  t.strictSame(names, ['cookie', 'alone', 'unused'], 'the scenarios that it is compared with run too')
  t.throws(() => readOptions(['--only', 'nothing']), { message: '--only: there is no scenario nothing.' })
  t.throws(() => readOptions(['--rounds', '1.5']), { message: '--rounds must be a whole number, at least 1.' })
  t.throws(() => readOptions(['--seconds', 'x']), { message: '--seconds must be a number, at least 0.01.' })
  t.end()
})

async function buildOne (name: string): ReturnType<Scenario['build']> {
  const scenario = scenarios[name]
  if (scenario === undefined) throw new Error(`There is no scenario ${name}.`)
  return scenario.build(memoryStore())
}
