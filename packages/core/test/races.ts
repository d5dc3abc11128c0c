import t from 'tap'
import type { MiroAuth, Store } from '../src/index.js'
import { ClientHealth } from '../src/refresh/client-health.js'
import { createFakeClock } from '../src/testing/index.js'
import { codeOf, createWorld, envelope, gate, json, ref } from './fixtures/fake-miro.js'

const hour = 3_600_000
const minute = 60_000

/** A store whose calls fail while `isDown` returns true. */
function flaky (store: Store, isDown: () => boolean): Store {
  return {
    get: async (key) => { if (isDown()) throw new Error('store down'); return store.get(key) },
    cas: async (...args) => { if (isDown()) throw new Error('store down'); return store.cas(...args) }
  }
}

/** The outcome of a promise as one value: what it resolved to, or the code of its error. */
function outcomeOf (work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => error instanceof Error && 'code' in error ? error.code : error)
}

t.test('refresh: a signal that was aborted before the call rejects the call, and no other promise', async (t) => {
  const { process: start } = createWorld()
  const unhandled: unknown[] = []
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', (error) => unhandled.push(error))
  t.teardown(() => {
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
  })
  await t.rejects(start().accessToken(ref, { signal: AbortSignal.abort(new Error('gone')) }), { message: 'gone' })
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.same(unhandled, [])
})

t.test('refresh: a success that was sent before a refusal does not count as a secret that worked since', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  const other = { ...ref, userId: '3458764520000000002' }
  await auth.connect(miro.issue())
  await auth.connect(miro.issue(other.userId))
  await clock.advance(hour)
  const slow = gate()
  let isFirst = true
  miro.answer = async (request) => {
    if (!isFirst) return envelope(401, 'oauthError')
    isFirst = false
    const response = miro.obey(request)
    await slow.promise
    return response
  }
  const late = auth.accessToken(other)
  await clock.advance(10)
  await codeOf(auth.accessToken(ref))
  await clock.advance(100)
  slow.open()
  await clock.advance(10)
  await late
  await clock.advance(minute)
  await codeOf(auth.accessToken(ref))
  miro.answer = () => undefined
  await clock.advance(2 * hour)
  t.equal(await codeOf(auth.accessToken(ref)), null)
})

t.test('disconnect: no caller gets the pair of a refresh under way, however slow the revocation is', async (t) => {
  const { process, miro, clock } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const [token, revocation] = [gate(), gate()]
  miro.answer = async ({ path }) => { await (path === '/v1/oauth/token' ? token : revocation).promise; return undefined }
  const before = outcomeOf(auth.accessToken(ref))
  await clock.advance(10)
  await other.disconnect(ref)
  const after = outcomeOf(auth.accessToken(ref))
  await clock.advance(10)
  token.open()
  await clock.advance(5000)
  t.equal(await before, 'MIRO_NOT_CONNECTED')
  t.equal(await after, 'MIRO_NOT_CONNECTED')
  revocation.open()
})

t.test('disconnect: a later caller never joins a refresh that still works from an older read', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let delayNextRead: Promise<void> | null = null
  const other = process()
  const auth = process({
    store: {
      cas: store.cas,
      get: async (key) => {
        const found = await store.get(key)
        const delay = delayNextRead
        delayNextRead = null
        if (delay !== null) await delay
        return found
      }
    }
  })
  await other.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async ({ path }) => { if (path === '/v1/oauth/token') await slow.promise; return undefined }
  const holder = other.accessToken(ref)
  await clock.advance(10)
  const waiting = outcomeOf(auth.accessToken(ref))
  await clock.advance(110)
  slow.open()
  await clock.advance(0)
  await holder
  const reply = gate()
  delayNextRead = reply.promise
  await clock.advance(250)
  await other.disconnect(ref)
  const after = outcomeOf(auth.accessToken(ref))
  await clock.advance(10)
  reply.open()
  await clock.advance(100)
  await waiting
  t.equal(await after, 'MIRO_NOT_CONNECTED')
})

t.test('disconnect: an unsaved pair is dropped', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let down = false
  const auth = process({ store: flaky(store, () => down) })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = ({ path }) => { if (path === '/v1/oauth/token') down = true; return undefined }
  const call = auth.accessToken(ref)
  await clock.advance(2100)
  await call
  down = false
  await auth.disconnect(ref)
  down = true
  t.equal(await codeOf(auth.accessToken(ref)), 'MIRO_STORE')
})

t.test('connect: a client with a consent id gets no token of another app user\'s connect while it waits', async (t) => {
  const { process, miro, clock } = createWorld()
  const [auth, other] = [process(), process()]
  const first = await auth.connect(miro.issue(), { appUserId: 'user-1' })
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async ({ path }) => { if (path === '/v1/oauth/token') await slow.promise; return undefined }
  const call = outcomeOf(auth.client(ref, { consentId: first.consentId }).accessToken())
  await clock.advance(10)
  await other.disconnect(ref)
  await other.connect(miro.issue(), { appUserId: 'user-2' })
  slow.open()
  await clock.advance(3000)
  t.equal(await call, 'MIRO_NOT_CONNECTED')
})

t.test('connect: a client with a consent id gets no unsaved token of another app user\'s grant', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let down = false
  const auth = process({ store: flaky(store, () => down) })
  const first = await auth.connect(miro.issue(), { appUserId: 'user-1' })
  await auth.disconnect(ref)
  await auth.connect(miro.issue(), { appUserId: 'user-2' })
  await clock.advance(hour)
  miro.answer = () => { down = true; return undefined }
  const call = auth.accessToken(ref)
  await clock.advance(2100)
  await call
  t.equal(await codeOf(auth.client(ref, { consentId: first.consentId }).accessToken()), 'MIRO_NOT_CONNECTED')
})

t.test('adopt: the same tokens adopted again lose no grant, neither during a refresh nor after one', async (t) => {
  for (const when of ['during', 'after']) {
    const { process, miro, clock } = createWorld()
    const [one, two] = [process(), process()]
    const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(
      miro.issue()
    ) as Record<string, string>
    const tokens = { accessToken: String(accessToken), refreshToken: String(refreshToken), expiresAt: null }
    await one.adopt(tokens)
    const slow = gate()
    if (when === 'during') {
      miro.answer = async ({ path }) => { if (path === '/v1/oauth/token') await slow.promise; return undefined }
      const call = outcomeOf(one.accessToken(ref))
      await clock.advance(10)
      await two.adopt(tokens)
      slow.open()
      await clock.advance(5000)
      t.equal(await call, 'access-2')
    } else {
      let isDelayed = false
      miro.answer = async (request) => {
        if (request.path !== '/v1/oauth-token' || isDelayed) return undefined
        isDelayed = true
        const response = miro.obey(request)
        await slow.promise
        return response
      }
      const adopting = two.adopt({ ...tokens, appUserId: 'user-1' })
      await clock.advance(10)
      t.equal(await one.accessToken(ref), 'access-2')
      slow.open()
      await adopting
      t.equal((await two.grants('user-1')).length, 1)
    }
    t.equal(await two.accessToken(ref), 'access-2', when)
  }
})

t.test('adopt: a value that cannot be a token or an instant is refused', async (t) => {
  const { process } = createWorld()
  const auth = process()
  for (const wrong of [{ accessToken: '' }, { refreshToken: '' }, { refreshToken: 'a b' }, { expiresAt: Number.NaN }, { expiresAt: Infinity }]) {
    await t.rejects(auth.adopt({ accessToken: 'a', refreshToken: 'r', expiresAt: null, ...wrong }), { code: 'MIRO_CONFIG' })
  }
})

t.test('store: a call that is never answered holds up no caller for longer than its time', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let hang = false
  const auth = process({
    store: {
      get: store.get,
      cas: (...args) => {
        if (!hang) return store.cas(...args)
        hang = false
        return new Promise(() => {})
      }
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  hang = true
  const first = codeOf(auth.accessToken(ref))
  await clock.advance(11_000)
  t.equal(await first, 'MIRO_STORE', 'the store\'s time ends before the caller\'s, so that the caller learns why')
  t.equal(await auth.accessToken(ref), 'access-2')
  await clock.advance(hour)
  miro.answer = () => { hang = true; return undefined }
  const second = auth.accessToken(ref)
  await clock.advance(minute)
  await second
  t.equal(await process().accessToken(ref), 'access-3', 'a commit without an answer is tried again')
})

t.test('rest: a caller of a refused token gets MIRO_STORE in time if the store does not answer', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let hang = false
  const auth = process({ store: { cas: store.cas, get: (key) => hang ? new Promise(() => {}) : store.get(key) } })
  await auth.connect(miro.issue())
  miro.answer = ({ path }) => { if (path !== '/v2/boards') return undefined; hang = true; return envelope(401, 'tokenExpired') }
  const call = codeOf(auth.client(ref).fetch('/v2/boards'))
  await clock.advance(11_000)
  t.equal(await call, 'MIRO_STORE')
})

t.test('refresh: a request under a lease that was slow to write ends within the lease', async (t) => {
  const { process, miro, clock, store } = createWorld()
  await t.rejects(async () => process({ refresh: { requestMs: 119_000, leaseMs: 120_000 } }), { code: 'MIRO_CONFIG' })
  await t.rejects(async () => process({ refresh: { requestMs: 1000, leaseMs: 1000 } }), { message: /by more than 1084 ms\.$/ })
  const refresh = { requestMs: 100_000, leaseMs: 120_000 }
  let slow = false
  const one = process({
    refresh,
    store: {
      get: store.get,
      cas: async (...args) => {
        const result = await store.cas(...args)
        if (slow) { slow = false; await clock.wait(9000) }
        return result
      }
    }
  })
  const two = process({ refresh })
  await one.connect(miro.issue())
  await clock.advance(hour)
  let [now, most] = [0, 0]
  miro.answer = async () => {
    most = Math.max(most, ++now)
    await clock.wait(99_900)
    now--
    return undefined
  }
  slow = true
  codeOf(one.accessToken(ref))
  await clock.advance(105_000)
  codeOf(two.accessToken(ref))
  await clock.advance(30_000)
  t.equal(most, 1)
})

t.test('rest: while the store is down, a 401 for a rotated token is retried with the unsaved pair', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let down = false
  const auth = process({ store: flaky(store, () => down) })
  await auth.connect(miro.issue())
  const slow = gate()
  miro.answer = async ({ path, authorization }) => {
    if (path === '/v1/oauth/token') down = true
    if (path === '/v2/boards' && authorization === 'Bearer access-1') await slow.promise
    return undefined
  }
  const inFlight = outcomeOf(auth.client(ref).fetch('/v2/boards').then(({ status }) => status))
  await clock.advance(0.93 * hour)
  const ahead = auth.accessToken(ref)
  await clock.advance(2100)
  t.equal(await ahead, 'access-2')
  slow.open()
  await clock.advance(12_000)
  t.equal(await inFlight, 200)
})

t.test('refresh: a store error while a failure is written does not leave the lease behind', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let fail = false
  const auth = process({
    store: {
      get: store.get,
      cas: async (...args) => {
        if (fail) { fail = false; throw new Error('blip') }
        return store.cas(...args)
      }
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => { fail = true; return new Response('', { status: 429 }) }
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(2000)
  t.equal(await call, 'MIRO_UNAVAILABLE')
  miro.answer = () => undefined
  await clock.advance(30_000)
  t.equal(await auth.accessToken(ref), 'access-2')
})

t.test('refresh: a lease whose write took effect and threw is recognised by its id', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let lose = false
  const auth = process({
    store: {
      get: store.get,
      cas: async (...args) => {
        const result = await store.cas(...args)
        if (lose) { lose = false; throw new Error('reply lost') }
        return result
      }
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  lose = true
  t.equal(await auth.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
})

t.test('refresh: an answer with the same access token and a new refresh token is stored', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(0.95 * hour)
  miro.answer = () => json(200, { access_token: 'access-1', refresh_token: 'refresh-new', expires_in: 3599 })
  await auth.accessToken(ref)
  await clock.advance(hour)
  miro.answer = () => json(200, { access_token: 'access-3', refresh_token: 'refresh-3', expires_in: 3599 })
  t.equal(await auth.accessToken(ref), 'access-3')
  t.equal(miro.refreshes()[1]?.form.get('refresh_token'), 'refresh-new')
})

t.test('refresh: a late answer that keeps the refresh token does not put an older access token back', async (t) => {
  const { process, miro, clock } = createWorld()
  const pausedClock = createFakeClock(clock.now())
  const paused = process({ clock: pausedClock })
  const other = process()
  await other.connect(miro.issue())
  await Promise.all([clock.advance(hour), pausedClock.advance(hour)])
  const answer = gate()
  let count = 0
  miro.answer = async () => {
    const number = ++count
    if (number === 1) await answer.promise
    return json(200, { access_token: `kept-${number}`, expires_in: 3599 })
  }
  const first = paused.accessToken(ref)
  await pausedClock.advance(10)
  await clock.advance(121_000)
  const second = other.accessToken(ref)
  await clock.advance(9000)
  t.equal(await second, 'kept-2')
  answer.open()
  await pausedClock.advance(10)
  await first
  t.equal(await other.accessToken(ref), 'kept-2')
})

t.test('rest: twenty callers share the question to Miro whether a token is dead, and each can abort', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(JSON.stringify({ access_token: 'forever', user_id: ref.userId, team_id: ref.teamId }))
  miro.answer = ({ path }) => path === '/v2/boards' ? envelope(401, 'x') : new Promise<Response>(() => {})
  const abort = new AbortController()
  const calls = Array.from({ length: 20 }, () => outcomeOf(auth.client(ref).fetch('/v2/boards', { signal: abort.signal })))
  await clock.advance(100)
  t.equal(miro.paths().filter((path) => path === '/v1/oauth-token').length, 1)
  abort.abort(new Error('gone'))
  t.same((await Promise.all(calls)).map((error) => (error as Error).message), Array(20).fill('gone'))
})

t.test('rest: a forced refresh that did not reach Miro does not hold the next one back', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  miro.answer = ({ path, authorization }) => {
    if (path === '/v1/oauth/token') throw new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })
    return authorization === 'Bearer access-1' ? envelope(401, 'x') : undefined
  }
  const call = codeOf(auth.client(ref).fetch('/v2/boards'))
  await clock.advance(2000)
  t.equal(await call, 'MIRO_UNAVAILABLE')
  t.equal(miro.refreshes().length, 3, 'it is tried again within the request')
  miro.answer = ({ authorization }) => authorization === 'Bearer access-1' ? envelope(401, 'x') : undefined
  await clock.advance(5000)
  t.equal((await auth.client(ref).fetch('/v2/boards')).status, 200)
})

t.test('rest: one 401 does not end a pair without a refresh token', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(JSON.stringify({ access_token: 'an-hour', expires_in: 3599, user_id: ref.userId, team_id: ref.teamId }))
  miro.answer = ({ path }) => path === '/v2/boards' ? envelope(401, 'x') : json(200, {})
  t.equal((await auth.client(ref).fetch('/v2/boards')).status, 401)
  t.equal(await auth.accessToken(ref), 'an-hour')
})

t.test('disconnect: the pair is revoked even if the reply to the write of the tombstone is lost', async (t) => {
  for (const how of ['mismatch', 'throw']) {
    const { process, miro, store } = createWorld()
    let lose = false
    const auth = process({
      store: {
        get: store.get,
        cas: async (...args) => {
          const result = await store.cas(...args)
          if (!lose) return result
          lose = false
          if (how === 'throw') throw new Error('reply lost')
          return { ok: false, current: await store.get(args[0]) }
        }
      }
    })
    await auth.connect(miro.issue())
    lose = true
    t.same(await auth.disconnect(ref), { ended: true, revoked: true }, how)
    t.notOk(miro.isLive('access-1'))
  }
})

t.test('disconnect: an expired lease does not keep the pair from being revoked', async (t) => {
  const { process, miro, clock } = createWorld()
  const frozen = createFakeClock(clock.now())
  const killed = process({ clock: frozen })
  const other = process()
  await other.connect(miro.issue())
  await Promise.all([clock.advance(hour), frozen.advance(hour)])
  miro.answer = () => miro.requests.length === 1 ? new Promise<Response>(() => {}) : undefined
  codeOf(killed.accessToken(ref))
  await frozen.advance(10)
  await clock.advance(24 * hour)
  t.same(await other.disconnect(ref), { ended: true, revoked: true })
})

t.test('close: a close waits for a revocation, and gives back a lease that is being written', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let closing: Promise<void> | undefined
  let isArmed = false
  const auth = process({
    store: {
      get: store.get,
      cas: async (...args) => {
        const result = await store.cas(...args)
        if (isArmed) { isArmed = false; closing = auth.close() }
        return result
      }
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  isArmed = true
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(100)
  await closing
  t.equal(await call, 'MIRO_CLOSED')
  t.equal(miro.refreshes().length, 0)

  const other = process()
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const disconnecting = other.disconnect(ref)
  await clock.advance(10)
  let closed = false
  const done = other.close().then(() => { closed = true })
  await clock.advance(100)
  t.notOk(closed)
  slow.open()
  await clock.advance(100)
  await done
  t.same(await disconnecting, { ended: true, revoked: true })
})

t.test('close: a close waits until the grant of a spent code is stored and linked, during an outage too', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let down = true
  const auth = process({ store: flaky(store, () => down) })
  const connecting = auth.connect(miro.issue(), { appUserId: 'user-1' })
  await clock.advance(10)
  let closed = false
  const closing = auth.close().then(() => { closed = true })
  await clock.advance(2500)
  t.notOk(closed)
  down = false
  await clock.advance(1000)
  await closing
  t.equal((await connecting).grant.userId, ref.userId)
  t.equal((await process().grants('user-1')).length, 1)
  t.equal((await auth.connect(miro.issue())).replaced, true, 'a connect after the close is stored too')
})

for (const [name, act] of Object.entries({
  adopt: (auth: MiroAuth) => auth.adopt({ accessToken: 'access-1', refreshToken: 'refresh-1', expiresAt: null }),
  disconnect: (auth: MiroAuth) => auth.disconnect(ref),
  fetchNames: (auth: MiroAuth) => auth.fetchNames(ref),
  link: async (auth: MiroAuth) => auth.link('user-1', {
    grant: { ...ref, scopes: [], connectedAt: 0 }, consentId: (await auth.snapshot(ref)).consentId ?? ''
  }),
  unlink: (auth: MiroAuth) => auth.unlink('user-2', ref),
  forget: (auth: MiroAuth) => auth.forget('user-2'),
  forgetGrant: (auth: MiroAuth) => auth.forgetGrant(ref)
})) {
  t.test(`close: a close waits for the write that ${name} has begun`, async (t) => {
    const { process, miro, clock, store } = createWorld()
    const issued = miro.issue()
    if (name !== 'adopt') await process().connect(issued, { appUserId: 'user-2' })
    const reply = gate()
    const auth = process({
      store: { get: store.get, cas: async (...args) => { await reply.promise; return store.cas(...args) } }
    })
    let done = false
    const acting = act(auth).finally(() => { done = true })
    await clock.advance(10)
    let closed = false
    const closing = auth.close().then(() => { closed = true })
    await clock.advance(1000)
    t.notOk(done)
    t.notOk(closed)
    reply.open()
    await clock.advance(10)
    await closing
    await acting
  })
}

t.test('close: a close that gave up leaves no work running', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let down = false
  let calls = 0
  const auth = process({ store: flaky(store, () => { calls++; return down }) })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => { down = true; return undefined }
  const call = auth.accessToken(ref)
  await clock.advance(3000)
  await call
  const closing = auth.close()
  await clock.advance(100_000)
  await closing
  calls = 0
  await clock.advance(minute)
  t.equal(calls, 0)
})

t.test('events: an observer that rejects is ignored, and a connect emits breaker_closed', async (t) => {
  const { process, miro, clock, events } = createWorld()
  await process({ onEvent: async () => { throw new Error('observer') } }).connect(miro.issue())
  const auth = process()
  await clock.advance(hour)
  miro.answer = () => json(401, { error: 'invalid_client' })
  await codeOf(auth.accessToken(ref))
  t.ok(events.some(({ type }) => type === 'breaker_opened'))
  await clock.advance(1000)
  await auth.connect(miro.issue())
  t.ok(events.some(({ type }) => type === 'breaker_closed'))
})

t.test('refresh: an unclear refusal that a clock a day ahead wrote does not hold up other processes', async (t) => {
  const { process, miro, clock } = createWorld()
  const ahead = createFakeClock(clock.now() + 25 * hour)
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => envelope(401, 'oauthError')
  t.equal(await codeOf(process({ clock: ahead }).accessToken(ref)), 'MIRO_UNAVAILABLE')
  miro.answer = () => undefined
  t.equal(await auth.accessToken(ref), 'access-2')
})

t.test('circuit breaker: a clock put back admits a probe; only a success sent after the trouble closes', async (t) => {
  const clock = createFakeClock(10 * minute)
  const health = new ClientHealth(clock)
  health.misconfigured()
  clock.jump(29_999)
  t.notOk(health.admit().admitted)
  clock.jump(-5 * minute - 29_999)
  t.ok(health.admit().admitted)
  health.worked(9 * minute)
  t.ok(health.isRefused)
  health.worked(11 * minute)
  t.notOk(health.isRefused)
})

t.test('connect: a connect whose first write fails is stored by the next', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let failures = 2
  const auth = process({ store: flaky(store, () => failures-- > 0) })
  const connecting = auth.connect(miro.issue())
  await clock.advance(3000)
  await connecting
  t.equal(await auth.accessToken(ref), 'access-1')
})

t.test('fetchNames: names that are stored while a lease is renewed are kept', async (t) => {
  const { process, miro, clock } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(0.95 * hour)
  miro.answer = ({ path }) => path === '/v1/oauth/token' && miro.refreshes().length === 1 ? envelope(502, 'x') : undefined
  const call = auth.accessToken(ref)
  await clock.advance(500)
  await other.fetchNames(ref)
  await clock.advance(2000)
  t.equal(await call, 'access-2')
  t.equal((await auth.snapshot(ref)).grant?.userName, 'Ada')
})

t.test('store: a store that reads but does not write gives MIRO_STORE, and is not called in a loop', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let isReadOnly = false
  let calls = 0
  const auth = process({
    store: {
      get: async (key) => { calls++; return store.get(key) },
      cas: async (...args) => {
        calls++
        if (isReadOnly) throw new Error('read-only')
        return store.cas(...args)
      }
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  isReadOnly = true
  calls = 0
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(10_000)
  t.equal(await call, 'MIRO_STORE')
  t.ok(calls < 10, `${calls} calls`)
})

t.test('refresh: a store that fails right after a lost answer does not lock the grant for a whole lease', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let failures = 0
  const auth = process({ store: flaky(store, () => failures-- > 0) })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => { failures = 2; return envelope(500, 'x') }
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(5000)
  t.equal(await call, 'MIRO_UNAVAILABLE')
  miro.answer = () => undefined
  await clock.advance(5000)
  t.equal(await auth.accessToken(ref), 'access-2')
})

t.test('adopt: a token without expiry replaces another one, and leaves the same one as it is', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  const tokenOf = (answer: string): string => String((JSON.parse(answer) as Record<string, unknown>)['access_token'])
  const endless = (
    accessToken: string
  ): Parameters<typeof auth.adopt>[0] => ({ accessToken, refreshToken: null, expiresAt: null })
  const first = tokenOf(miro.issue())
  const { consentId } = await auth.adopt(endless(first))
  t.equal((await auth.adopt(endless(first))).consentId, consentId)
  t.equal(await auth.accessToken(ref), 'access-1')
  await auth.adopt(endless(tokenOf(miro.issue())))
  t.equal(await auth.accessToken(ref), 'access-2')
})

t.test('refresh: a flight without callers takes no further lease', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let isSlow = false
  let leases = 0
  const auth = process({
    store: {
      get: async (key) => { if (isSlow) await clock.wait(200); return store.get(key) },
      cas: async (...args) => {
        const result = await store.cas(...args)
        if (isSlow && args[2]?.body.includes('"lease":{') === true) {
          leases++
          await clock.wait(60_000)
        }
        return result
      }
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  isSlow = true
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(10_000)
  t.equal(await call, 'MIRO_UNAVAILABLE')
  await clock.advance(minute)
  leases = 0
  await clock.advance(5 * minute)
  t.equal(leases, 0)
  t.equal(miro.refreshes().length, 0)
})

/** A store whose next cas, after `loseNext`, takes effect and then throws. */
function losingReplies (store: Store): { store: Store, loseNext: (then?: () => Promise<unknown>) => void } {
  let next: { then: () => Promise<unknown> } | null = null
  return {
    loseNext: (then = async () => {}) => { next = { then } },
    store: {
      get: store.get,
      cas: async (...args) => {
        const lost = next
        next = null
        const result = await store.cas(...args)
        if (lost === null) return result
        await lost.then()
        throw new Error('reply lost')
      }
    }
  }
}

t.test('disconnect: a disconnect whose reply is lost does not end a grant that was connected after it', async (t) => {
  const { process, miro, store } = createWorld()
  const losing = losingReplies(store)
  const [auth, other] = [process({ store: losing.store }), process()]
  await auth.connect(miro.issue())
  losing.loseNext(() => other.connect(miro.issue()))
  await auth.disconnect(ref)
  t.equal(await other.accessToken(ref), 'access-2')
  t.ok(miro.isLive('access-2'))
})

t.test('connect: a connect whose reply is lost does not overwrite a connect after it', async (t) => {
  const { process, miro, clock, store } = createWorld()
  const losing = losingReplies(store)
  const [auth, other] = [process({ store: losing.store }), process()]
  const first = miro.issue()
  losing.loseNext(() => other.connect(miro.issue()))
  const connecting = auth.connect(first)
  await clock.advance(2000)
  t.equal(await other.accessToken(ref), 'access-2')
  t.equal((await connecting).consentId, (await other.snapshot(ref)).consentId)
})

t.test('connect: a connect whose reply is lost does not come back after a disconnect', async (t) => {
  const { process, miro, clock, store } = createWorld()
  const losing = losingReplies(store)
  const [auth, other] = [process({ store: losing.store }), process()]
  const ended = gate()
  losing.loseNext(() => other.disconnect(ref).then(() => ended.open()))
  const connecting = codeOf(auth.connect(miro.issue()))
  await ended.promise
  await clock.advance(2000)
  t.equal(await codeOf(other.accessToken(ref)), 'MIRO_NOT_CONNECTED')
  t.equal(await connecting, 'MIRO_STORE')
})

t.test('connect: a connect that was not stored is stored by the next try, also over a refresh', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let fails = false
  const auth = process({
    store: {
      get: store.get,
      cas: async (...args) => {
        if (!fails) return store.cas(...args)
        fails = false
        throw new Error('not done')
      }
    }
  })
  const other = process()
  await other.connect(miro.issue())
  await clock.advance(hour)
  fails = true
  const answer = gate()
  miro.answer = async (request) => {
    const response = miro.obey(request)
    await answer.promise
    return response
  }
  const refreshing = outcomeOf(other.accessToken(ref))
  await clock.advance(10)
  const connecting = auth.connect(miro.issue())
  await clock.advance(500)
  answer.open()
  await clock.advance(2000)
  t.equal(await refreshing, 'access-2')
  await connecting
  t.equal(await other.accessToken(ref), 'access-3')
})

t.test('disconnect: a disconnect that has to refresh first revokes nothing after another connect', async (t) => {
  const { process, miro, clock } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(2 * hour)
  const slow = gate()
  miro.answer = async (request) => {
    const response = miro.obey(request)
    await slow.promise
    return response
  }
  const disconnecting = auth.disconnect(ref)
  await clock.advance(10)
  await other.connect(miro.issue())
  slow.open()
  await clock.advance(10)
  t.same(await disconnecting, { ended: true, revoked: false })
  t.notOk(miro.paths().includes('/v2/oauth/revoke'))
})

t.test('refresh: a secret that is wrong, right and wrong again costs no grant', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => envelope(401, 'oauthError')
  await codeOf(auth.accessToken(ref))
  await clock.advance(minute)
  await auth.connect(miro.issue('3458764520000000002'))
  t.equal(await codeOf(auth.accessToken(ref)), 'MIRO_REAUTHORIZE')
  miro.answer = () => undefined
  await clock.advance(hour)
  t.equal(await codeOf(auth.accessToken(ref)), null)
})

t.test('refresh: a success counts by its age, which no clock that differs or is put back renews', async (t) => {
  for (const which of ['behind', 'put back']) {
    const { process, miro, clock } = createWorld()
    let putBackMs = 0
    const auth = process({ clock: { ...clock, now: () => clock.now() - putBackMs } })
    const behind = process({ clock: { ...clock, now: () => clock.now() - 25 * hour } })
    await auth.connect(miro.issue())
    await clock.advance(hour)
    await auth.connect(miro.issue('3458764520000000002'))
    if (which === 'put back') putBackMs = 24 * hour
    miro.answer = () => envelope(401, 'oauthError')
    for (const [index, minutes] of [1, 10, 60, 60].entries()) {
      const asked = which === 'behind' && index % 2 === 0 ? behind : auth
      await codeOf(asked.client(ref).fetch('/v2/boards'))
      await clock.advance(minutes * minute)
    }
    miro.answer = () => undefined
    t.equal((await process().snapshot(ref)).grant?.userId, ref.userId, which)
  }
})

t.test('refresh: a pair whose compare-and-set failed is stored over the record that it returned', async (t) => {
  const { process, miro, clock, store, events } = createWorld()
  let isAnswered = false
  const auth = process({
    store: {
      get: async (key) => {
        if (isAnswered) throw new Error('no reads')
        return store.get(key)
      },
      cas: store.cas
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = async (request) => {
    if (request.path !== '/v1/oauth/token') return undefined
    const response = miro.obey(request)
    // Another process writes names into the record, under the lease, while Miro's answer is on its way.
    const key = `miro:grant:3458764500000000001:${ref.userId}:${ref.teamId}`
    const found = await store.get(key)
    const body = JSON.stringify({ ...JSON.parse(found?.body ?? ''), userName: 'Ada' })
    t.ok((await store.cas(key, found?.version ?? null, { body, expiresAt: found?.expiresAt ?? null })).ok)
    isAnswered = true
    return response
  }
  const token = await auth.accessToken(ref)
  isAnswered = false
  t.equal(await process().accessToken(ref), token, 'the pair is stored')
  t.equal((await auth.snapshot(ref)).grant?.userName, 'Ada', 'the names that were written meanwhile are kept')
  t.notOk(events.some(({ type }) => type === 'commit_delayed'))
})
