import t, { type Test } from 'tap'
import type { Emulator } from '@miro-oauth/emulator'
import type { FastifyMiroOptions } from '../src/index.js'
import type { Browser } from './fixtures/browser.js'
import { createWorld, signIn, type World } from './fixtures/world.js'

const hour = 3_600_000
const recheckAfterMs = 10 * 60_000

/** A person who is signed in to an app that asks again after ten minutes. Tokens do not expire, unless `expiring`. */
async function createRechecked (t: Test, { expiring = false, ...options }: Partial<FastifyMiroOptions> & {
  expiring?: boolean
} = {}): Promise<World & { person: Browser, questions: () => number }> {
  const world = await createWorld(t, { recheckAfterMs, ...options }, {}, { seed: { app: { expiring } } })
  world.app.get('/guarded', { preHandler: world.app.miro.requireGrant }, async () => ({}))
  const person = world.browser()
  await signIn(person)
  // Miro is asked for the names of user and team after the callback.
  await person.call('/me')
  const before = questionsOf(world.emulator)
  return { ...world, person, questions: () => questionsOf(world.emulator) - before }
}

const questionsOf = ({ log }: Emulator): number => log.filter(({ path }) => path === '/v1/oauth-token').length

async function revoke ({ emulator, person }: { emulator: Emulator, person: Browser }): Promise<void> {
  const { token } = (await person.call('/token')).json()
  const { clientId, clientSecret } = emulator.app
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ accessToken: token, clientId, clientSecret })
  await fetch(`${emulator.apiUrl}/v2/oauth/revoke`, { method: 'POST', headers, body })
}

t.test('recheck: a guard asks Miro again once its last word is older than the option says, and no sooner', async (t) => {
  const { person, emulator, questions } = await createRechecked(t)
  t.equal((await person.call('/guarded')).statusCode, 200)
  t.equal(questions(), 0, 'a connect is a word')
  emulator.clock.advance(recheckAfterMs)
  for (let call = 0; call < 3; call++) t.equal((await person.call('/guarded')).statusCode, 200)
  t.equal(questions(), 1)
  emulator.clock.advance(recheckAfterMs)
  await Promise.all(Array.from({ length: 20 }, () => person.call('/guarded')))
  t.equal(questions(), 2, 'one question at a time')
})

t.test('recheck: a grant that was ended at Miro is refused, and without the option it passes', async (t) => {
  const world = await createRechecked(t)
  await revoke(world)
  t.equal((await world.person.call('/guarded')).statusCode, 200, 'the last word is recent')
  world.emulator.clock.advance(recheckAfterMs)
  const answers = await Promise.all([world.person.call('/guarded'), world.person.call('/guarded')])
  for (const answer of answers) t.match(answer.json(), { code: 'MIRO_REAUTHORIZE' })
  t.match((await world.person.call('/guarded')).json(), { code: 'MIRO_REAUTHORIZE' })

  const without = await createRechecked(t, { recheckAfterMs: undefined })
  await revoke(without)
  without.emulator.clock.advance(24 * hour)
  t.equal((await without.person.call('/guarded')).statusCode, 200)
  t.equal(without.questions(), 0)
})

t.test('recheck: a refresh is a word of Miro\'s', async (t) => {
  const { person, emulator, questions, tokenRequests } = await createRechecked(t, { expiring: true })
  emulator.clock.advance(hour)
  await person.call('/token')
  t.equal(tokenRequests(), 2)
  t.equal((await person.call('/guarded')).statusCode, 200)
  t.equal(questions(), 0)
})

t.test('recheck: in an outage the request passes, and not every request waits for Miro', async (t) => {
  let isDown = false
  let asked = 0
  const { person, emulator } = await createRechecked(t, {
    fetch: async (url, init) => {
      if (!isDown) return fetch(url, init)
      asked++
      throw new Error('down')
    }
  })
  isDown = true
  emulator.clock.advance(recheckAfterMs)
  for (let call = 0; call < 3; call++) t.equal((await person.call('/guarded')).statusCode, 200)
  t.equal(asked, 1)
  emulator.clock.advance(10_000)
  t.equal((await person.call('/guarded')).statusCode, 200)
  t.equal(asked, 2)
})

t.test('recheck: a request waits five seconds for Miro\'s word, and then passes', async (t) => {
  let isSilent = false
  const waits: number[] = []
  const { person } = await createRechecked(t, {
    fetch: (url, init) => isSilent ? new Promise(() => {}) : fetch(url, init),
    clock: {
      now: () => Date.now() + (isSilent ? recheckAfterMs : 0),
      wait: async (ms, signal) => {
        if (isSilent) waits.push(ms)
        if (isSilent && ms === 5000) return
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
      }
    }
  })
  isSilent = true
  t.equal((await person.call('/guarded')).statusCode, 200)
  t.ok(waits.includes(5000))
  t.equal((await person.call('/guarded')).statusCode, 200)
  t.equal(waits.filter((ms) => ms === 5000).length, 1, 'the next request does not wait for the same silence')
})

t.test('recheck: a request does not wait for Miro\'s rate limit', async (t) => {
  let isLimited = false
  const waits: number[] = []
  const { person, emulator } = await createRechecked(t, {
    fetch: async (url, init) => isLimited ? new Response('{}', { status: 429, headers: { 'retry-after': '20' } }) : fetch(url, init),
    onEvent: ({ type }) => { if (type === 'rate_limited') waits.push(1) }
  })
  isLimited = true
  emulator.clock.advance(recheckAfterMs)
  const startedAt = performance.now()
  t.equal((await person.call('/guarded')).statusCode, 200)
  t.ok(performance.now() - startedAt < 4000)
  t.strictSame(waits, [])
})
