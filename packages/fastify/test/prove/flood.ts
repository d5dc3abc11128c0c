import { createFakeClock } from '@miro-oauth/core/testing'
import t, { type Test } from 'tap'
import { memoryStore, type FastifyMiroOptions, type Store } from '../../src/index.js'
import { Browser, locationOf } from '../fixtures/browser.js'
import { createWorld, members, redirectUri, signIn, toCallback, type World } from '../fixtures/world.js'

/** Fewer than the strangers, so that each kind of record that they can make is full many times over. */
const limit = 50
const strangers = 400
const installUri = 'http://localhost:3000/auth/miro/install'
const longTarget = `/boards?filter=${'x'.repeat(300)}`
const longLogin = `/auth/miro/login?returnTo=${encodeURIComponent(longTarget)}`

async function createFloodedWorld (
  t: Test, options: Partial<FastifyMiroOptions> = {}
): Promise<World & { store: Store }> {
  const store = memoryStore({ limit })
  const routes = { install: '/auth/miro/install' }
  const world = await createWorld(t, { store, panel: true, routes, ...options }, {}, {
    seed: { app: { redirectUris: [redirectUri, installUri] } }
  })
  return { ...world, store }
}

/** Sends requests as one stranger. Returns the statuses of the answers. */
type Attack = (browser: Browser, headers: Record<string, string>, number: number) => Promise<number[]>

/** What a stranger can do without an account at Miro. */
const attacks: Readonly<Record<string, Attack>> = {
  'a login with a long way back': async (browser, headers) => [(await browser.go(longLogin, headers)).statusCode],
  'the window of a panel, with an id of a team that is longer than Miro\'s': async (browser, headers, number) => {
    return [(await browser.go(`/auth/miro/connect?team_id=${'1'.repeat(60)}${number}`, headers)).statusCode]
  },
  'a callback with a code of their own making': async (browser, headers, number) => {
    const login = await browser.go('/auth/miro/login', headers)
    const state = String(locationOf(login).searchParams.get('state'))
    const callback = await browser.go(`/auth/miro/callback?code=made-up-${number}&state=${state}`, headers)
    return [login.statusCode, callback.statusCode]
  },
  'a callback without a flow': async (browser, headers, number) => {
    return [(await browser.go(`/auth/miro/callback?code=made-up-${number}&state=${number}`, headers)).statusCode]
  },
  'an install with a code of their own making': async (browser, headers, number) => {
    return [(await browser.go(`/auth/miro/install?code=made-up-${number}`, headers)).statusCode]
  }
}

/** Each stranger has an address and a browser of their own. Returns how often each status came. */
async function flood (
  { app }: World, attack: Attack, { count = strangers, atOnce = 50 }: { count?: number, atOnce?: number } = {}
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  let number = 0
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (number < count) {
      const own = number++
      const headers = { 'x-forwarded-for': `198.51.${Math.floor(own / 250)}.${own % 250}` }
      for (const status of await attack(new Browser(app), headers, own)) counts[status] = (counts[status] ?? 0) + 1
    }
  }))
  return counts
}

/** How many records of each kind the store has. */
async function countKinds (store: Store): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  let cursor: string | undefined
  do {
    const page = await store.scan?.({ prefix: 'miro:', expiresBefore: null, limit: 1000, ...cursor === undefined ? {} : { cursor } })
    for (const key of page?.keys ?? []) {
      const kind = String(key.split(':')[1])
      counts[kind] = (counts[kind] ?? 0) + 1
    }
    cursor = page?.cursor
  } while (cursor !== undefined)
  return counts
}

t.test('flood: strangers fill the records of flows alone, and who is signed in or signs in notices nothing', async (t) => {
  for (const [name, attack] of Object.entries(attacks)) {
    await t.test(name, async (t) => {
      const world = await createFloodedWorld(t)
      const { app, browser, store, emulator } = world
      const ada = browser()
      await signIn(ada, undefined, { as: members.adaAtAcme })
      const { flow: flowsBefore = 0, ...before } = await countKinds(store)
      const grace = browser()
      const callbackOfGrace = await toCallback(grace, '/auth/miro/login?returnTo=/me', { as: members.graceAtAcme })

      const counts = await flood(world, attack)
      t.comment(`answers: ${JSON.stringify(counts)}`)
      for (const status of Object.keys(counts)) t.ok(['303', '400', '403', '429'].includes(status), `no failure of the server: ${status}`)
      const { flow = 0, ...after } = await countKinds(store)
      t.strictSame(after, before, 'no record of another kind came or went')
      t.ok(flow <= limit, `${flow} flows, ${flowsBefore} before`)

      t.match((await ada.call('/me')).json(), members.adaAtAcme, 'her session stands')
      t.equal((await ada.call('/boards')).statusCode, 200, 'and so does her grant')
      const end = await grace.go(callbackOfGrace)
      t.equal(end.statusCode, 303, 'a sign-in that began before the flood ends')
      t.equal(locationOf(end).pathname, '/me', 'where it was to return to')
      const newcomer = browser()
      t.equal((await signIn(newcomer, undefined, { as: members.adaAtHarbour })).statusCode, 303, 'a new one works')
      t.match((await newcomer.call('/me')).json(), members.adaAtHarbour)

      await emulator.clock.advance(3_600_000)
      t.equal((await ada.call('/boards')).statusCode, 200, 'an expired token is refreshed')
      t.equal((await app.miro.auth.snapshot(members.adaAtAcme)).grant?.userId, members.adaAtAcme.userId)
    })
  }
})

t.test('flood: a way back that was too long for a cookie may be forgotten; its sign-in then ends on the default page', async (t) => {
  const world = await createFloodedWorld(t)
  const early = world.browser()
  const callback = await toCallback(early, longLogin)
  await flood(world, attacks['a login with a long way back'] ?? (async () => []))
  const end = await early.go(callback)
  t.equal(end.statusCode, 303)
  t.equal(locationOf(end).pathname, '/')
  t.equal((await early.call('/me')).statusCode, 200, 'the person is signed in all the same')
  const late = world.browser()
  const laterEnd = await late.go(await toCallback(late, longLogin))
  t.equal(locationOf(laterEnd).search, new URL(longTarget, 'http://localhost').search, 'without a flood in between it is kept')
})

/** A world in which Miro is slow to refuse the codes that it does not know, until `open` is called. */
async function createSlowWorld (t: Test) {
  const clock = createFakeClock()
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => { open = resolve })
  let allHeld = (): void => {}
  const areHeld = new Promise<void>((resolve) => { allHeld = resolve })
  let held = 0
  const world = await createFloodedWorld(t, {
    clock,
    exchangesAtOnce: 4,
    async fetch (url, init) {
      if (String(init?.body).includes('made-up')) {
        if (++held === 4) allHeld()
        await gate
      }
      return fetch(url, init)
    }
  })
  return { ...world, clock, areHeld, open: () => open() }
}

const comeBack: Attack = attacks['a callback with a code of their own making'] ?? (async () => [])

t.test('flood: while Miro is slow, strangers of many addresses take every place to exchange a code; who waits too long begins anew', async (t) => {
  const world = await createSlowWorld(t)
  const { browser, clock, areHeld, open } = world
  const ada = browser()
  await signIn(ada, undefined, { as: members.adaAtAcme })
  const honest = browser()
  const callback = await toCallback(honest, undefined, { as: members.graceAtAcme })
  const flooding = flood(world, comeBack)
  await areHeld

  const waiting = honest.go(callback)
  for (let step = 0; step < 50; step++) await new Promise((resolve) => setImmediate(resolve))
  t.match((await ada.call('/me')).json(), members.adaAtAcme, 'a session does not wait in that line')
  t.equal((await ada.call('/boards')).statusCode, 200)
  await clock.advance(8000)
  const refused = await waiting
  t.equal(refused.statusCode, 503)
  t.match(refused.body, 'MIRO_UNAVAILABLE')
  open()
  await flooding
  t.equal((await signIn(honest, undefined, { as: members.graceAtAcme })).statusCode, 303, 'once it is over, they sign in')
})

t.test('flood: a callback that comes while the line is full spends nothing, and works when it is sent again', async (t) => {
  const world = await createSlowWorld(t)
  const honest = world.browser()
  const callback = await toCallback(honest, undefined, { as: members.graceAtAcme })
  let isFull = (): void => {}
  const full = new Promise<void>((resolve) => { isFull = resolve })
  const count = 1010
  const flooding = flood(world, async (...stranger) => {
    const statuses = await comeBack(...stranger)
    if (statuses.includes(503)) isFull()
    return statuses
  }, { count, atOnce: count })
  await full
  t.equal((await honest.go(callback)).statusCode, 503)
  world.open()
  t.strictSame(await flooding, { 303: count, 400: 1004, 503: count - 1004 }, 'four are exchanged and a thousand wait')
  t.equal((await honest.go(callback)).statusCode, 303)
  t.match((await honest.call('/me')).json(), members.graceAtAcme)
})
