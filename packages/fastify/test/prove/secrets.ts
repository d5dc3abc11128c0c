import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import t from 'tap'
import { Evidence } from '../fixtures/evidence.js'
import { createPlantedWorld } from '../fixtures/planted-world.js'
import { apiCalls } from '../fixtures/scenarios/api-calls.js'
import { browserFlows } from '../fixtures/scenarios/browser-flows.js'
import { connectMode } from '../fixtures/scenarios/connect-mode.js'
import { exchanges } from '../fixtures/scenarios/exchanges.js'
import { panels } from '../fixtures/scenarios/panels.js'
import { refreshes } from '../fixtures/scenarios/refreshes.js'
import { stores } from '../fixtures/scenarios/stores.js'
import { encodings, SecretSearch } from '../fixtures/secret-search.js'
import { randomSecret } from '../fixtures/stand-in.js'

t.setTimeout(300_000)

t.test('secret search: it finds a secret in every encoding, in any surroundings, whole or cut', async (t) => {
  const secret = randomSecret()
  const search = new SecretSearch()
  search.add('secret', secret)
  const surroundings = ['', 'x', 'xy', 'xyz', '{"message":"', randomBytes(40).toString('hex')]
  for (const [name, encode] of Object.entries(encodings)) {
    for (const form of encode(secret)) {
      for (const before of surroundings) t.ok(search.find(`${before}${form}${before}`).length > 0, name)
      t.ok(search.find(form.slice(0, 40)).length > 0, `${name}, cut`)
    }
  }
  for (const encoding of ['base64', 'base64url', 'hex', 'latin1'] as const) {
    for (const before of surroundings) t.ok(search.find(Buffer.from(`${before}${secret}${before}`).toString(encoding)).length > 0, `${encoding} of a text around it`)
  }
  const bytes = Buffer.from(`x${secret}`)
  for (const view of [inspect(bytes), JSON.stringify(bytes), JSON.stringify({
    ...bytes
  }), inspect(Array.from(bytes), { maxArrayLength: null })]) t.ok(search.find(view).length > 0)
  t.same(search.find(secret, (name) => name === 'secret'), [], 'what is allowed is no hit')
  t.same(search.find(`${randomSecret()} ${randomBytes(200).toString('base64')} ${JSON.stringify(randomBytes(200))}`), [], 'another secret is no hit')
  t.throws(() => search.add('short', 'secret'))
})

t.test('evidence: it finds a secret in every hiding place of an error', async (t) => {
  const hide: Array<(secret: string) => unknown> = [
    (secret) => new Error(secret), (secret) => new Error('x', { cause: new Error('y', { cause: { secret } }) }), (secret) => Object.assign(new Error('x'), { secret }),
    (secret) => Object.defineProperty(new Error('x'), 'secret', { value: secret, enumerable: false }), (secret) => Object.assign(new Error('x'), { [Symbol('s')]: secret }),
    (secret) => new AggregateError([new Error(secret)]), (secret) => Object.assign(new Error('x'), { data: Buffer.from(secret) }), (secret) => new Map([['x', { secret }]]),
    (secret) => ({
      toJSON: () => ({ secret })
    }), (secret) => ({ [inspect.custom]: () => secret }), (secret) => ({ get secret () { return secret } }),
    (secret) => Object.assign(() => {}, { secret }), (secret) => new Headers({ secret }), (secret) => Object.assign(new Error('x'), { stack: secret }), (secret) => ({ deep: { in: { side: { of: [{ secret }] } } } })
  ]
  for (const [index, make] of hide.entries()) {
    const [evidence, secret] = [new Evidence(), randomBytes(24).toString('hex')]
    evidence.plant('secret', secret)
    evidence.value('here', make(secret))
    t.ok(evidence.hits().length > 0, `hiding place ${index}`)
  }
})

t.test('secrets: no log, answer, error, event or object shows one, in any flow and any failure', { jobs: 16, timeout: 300_000 }, async (t) => {
  const evidence = new Evidence()
  const scenarios = [...browserFlows, ...connectMode, ...panels, ...exchanges, ...refreshes, ...apiCalls, ...stores]
  await Promise.all(scenarios.map((scenario) => t.test(scenario.name, { buffered: true }, async (t) => {
    await scenario.run(t, await createPlantedWorld(t, { evidence, name: scenario.name }, scenario))
  })))
  for (const secret of ['client secret', 'cookie secret', 'code', 'state', 'session id', 'flow cookie', 'access token', 'refresh token']) t.ok(Number(evidence.planted.get(secret)) > 50, `there were ${secret}s to be shown`)
  t.ok(Number(evidence.planted.get('id token')) > 5, 'and id tokens')
  t.ok(evidence.texts > 3000, 'and much was shown')
  t.same(evidence.hits(), [])
})
