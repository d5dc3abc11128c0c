import t from 'tap'
import { countingStore } from '../src/backend/counting-store.js'
import { openBackend } from '../src/backend/open-backend.js'
import { load } from '../src/load/load.js'
import { installedWith, versionOf } from '../src/installed/packages.js'
import { readOptions } from '../src/options.js'
import { storeCallsOf } from '../src/requests/store-calls.js'
import { scenarioOf, scenarios } from '../src/scenarios/index.js'
import { accessToken, path, people, type ScenarioApp } from '../src/scenarios/scenario.js'
import { libraries } from '../src/tokens/libraries.js'

/** Scenarios without a session. */
const withoutSession = ['alone', 'alone-again', 'unused']

t.test('scenarios: all give the same answer, and each person has a cookie of their own', async (t) => {
  for (const name of Object.keys(scenarios.memory ?? {})) {
    const { app, cookies } = await build(name)
    for (const cookie of cookies) {
      const { statusCode, json } = await app.inject({ url: path, headers: { cookie } })
      t.equal(statusCode, 200, name)
      t.strictSame(json(), { length: accessToken.length }, name)
      t.equal(cookie.split(';').length, 1, `${name} has one cookie`)
    }
    const anonymous = await app.inject(path)
    t.equal(anonymous.statusCode, withoutSession.includes(name) ? 200 : 401, `${name}, without a cookie`)
    t.equal(new Set(cookies).size, people, name)
    await app.close()
  }
})

t.test('scenarios: a request reads the store a few times at most, and does not write', async (t) => {
  for (const [name, scenario] of Object.entries(scenarios.memory ?? {})) {
    const { reads, writes } = await storeCallsOf(scenario)
    t.equal(writes, 0, name)
    t.ok(reads <= (name === 'chosen' ? 4 : 2), name)
  }
})

t.test('store calls: a scenario whose answer is not 200 is not counted', async (t) => {
  const refusing = {
    title: 'refusing',
    comparedWith: 'alone',
    build: async () => ({ ...await build('cookie'), cookies: ['session=unknown'] })
  }
  await t.rejects(storeCallsOf(refusing), { message: 'refusing answered 401.' })
})

t.test('store calls: every method but cas counts as one read, also those that a store has beyond the contract', async (t) => {
  const { store } = await openBackend({ kind: 'memory', url: '' })
  const { store: counted, calls } = countingStore(Object.assign(store, { getAll: async (keys: string[]) => keys }))
  await counted.cas('miro:x:1', null, { body: 'a', expiresAt: null })
  await counted.get('miro:x:1')
  await counted.scan?.({ prefix: 'miro:', expiresBefore: null, limit: 1 })
  await (Reflect.get(counted, 'getAll') as (keys: string[]) => Promise<unknown>)(['miro:x:1', 'miro:x:2'])
  t.strictSame(calls(), { reads: 3, writes: 1 })
})

t.test('load: it counts answers, and stops at one that is not 200', async (t) => {
  const { app, cookies } = await build('cookie')
  let answered = 0
  app.addHook('onResponse', async () => { answered++ })
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
  t.teardown(() => app.close())
  const { requests } = await load({ port, path, cookies }, { connections: 2, ms: 20 })
  t.equal(requests, answered - 2, 'the first answer of each connection is not counted')
  const refused = load({ port, path, cookies: ['session=unknown'] }, { connections: 2, ms: 20 })
  await t.rejects(refused, { message: 'The server answered: HTTP/1.1 401 Unauthorized' })
})

t.test('tokens: each library returns the token of a fresh grant without a request', async (t) => {
  for (const [name, { prepare }] of Object.entries(libraries)) {
    const call = await prepare()
    t.match(await call(), /^eyJtaXJv/, name)
    t.equal(await call(), await call(), name)
  }
})

t.test('installed: a package is counted once with all that it depends on, without peer dependencies', (t) => {
  const core = installedWith(['@miro-oauth/core'])
  const both = installedWith(['@miro-oauth/core', '@miro-oauth/redis'])
  t.equal(both.packages, core.packages + 1)
  t.ok(core.bytes > 100_000 && both.bytes > core.bytes)
  t.match(versionOf('fastify'), /^5\./)
  t.throws(() => installedWith(['not-a-package']), { message: 'The package not-a-package is not installed.' })
  t.end()
})

t.test('options: a wrong option is named, and rows bring their section alone', (t) => {
  const { only, out, grants } = readOptions(['--only', 'memory/unused,tokens'])
  t.strictSame(Array.from(only), [['memory', ['unused']], ['tokens', null]])
  t.match(out, /results$/)
  t.equal(grants, 100_000)
  t.equal(readOptions(['--quick']).out, null, 'a quick run does not overwrite results')
  t.equal(readOptions(['--no-out']).out, null)
  t.throws(() => readOptions(['--only', 'nothing']), { message: '--only: there is no section nothing.' })
  t.throws(() => readOptions(['--only', 'memory/nothing']), { message: /^--only: there is no row memory\/nothing\. Rows: cookie, / })
  t.throws(() => readOptions(['--rounds', '1.5']), { message: '--rounds must be a whole number, at least 1.' })
  t.throws(() => readOptions(['--seconds', 'x']), { message: '--seconds must be a number, at least 0.01.' })
  t.end()
})

async function build (name: string): Promise<ScenarioApp> {
  return scenarioOf('memory', name).build(await openBackend({ kind: 'memory', url: '' }))
}
