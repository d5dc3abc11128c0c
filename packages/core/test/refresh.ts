import { inspect } from 'node:util'
import t from 'tap'
import { ClosedError, ReauthorizeError, type AdoptedTokens, type AuthorizeRequest } from '../src/index.js'
import { createFakeClock } from '../src/testing/index.js'
import { codeOf, createWorld, envelope, gate, json, ref } from './fixtures/fake-miro.js'

const hour = 3_600_000
const minute = 60_000

t.test('refresh: a fresh token is served without a request to Miro', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  t.equal(await auth.accessToken(ref), 'access-1')
  t.equal(miro.requests.length, 0)
})

for (const instances of [1, 2, 4]) {
  t.test(`refresh: 1,000 callers in ${instances} processes share one refresh at expiry`, async (t) => {
    const { process, miro, clock } = createWorld()
    const fleet = Array.from({ length: instances }, () => process())
    await fleet[0]?.connect(miro.issue())
    await clock.advance(hour)
    const slow = gate()
    miro.answer = async () => { await slow.promise; return undefined }
    const calls = Array.from({ length: 1000 }, async (_, index) => fleet[index % instances]?.accessToken(ref))
    await clock.advance(300)
    slow.open()
    await clock.advance(3000)
    const answers = new Set(await Promise.all(calls))
    t.equal(miro.refreshes().length, 1)
    t.same([...answers], ['access-2'])
  })
}

const slowRefreshes = [[90, 2, 2], [140, 3, 2], [300, 6, 2], [1000, 10, 2], [4000, 15, 7]] as const
for (const [takesMs, firstReads, laterReads] of slowRefreshes) {
  t.test(`refresh: callers of another process share few reads, and wait for little more than ${takesMs} ms`, async (t) => {
    const { process, miro, clock, store } = createWorld()
    let reads = 0
    const get: typeof store.get = (key) => { reads++; return store.get(key) }
    const counted = { ...store, get, getAll: (keys: readonly string[]) => Promise.all(keys.map(get)) }
    const [auth, other] = [process(), process({ store: counted })]
    await auth.connect(miro.issue())
    miro.answer = async () => { await clock.wait(takesMs); return undefined }
    // After eight refreshes the process knows how long they take.
    for (let round = 0; round <= 8; round++) {
      await clock.advance(hour)
      reads = 0
      const first = auth.accessToken(ref)
      await clock.advance(0)
      const startedAt = clock.now()
      const calls = Array.from({ length: 50 }, async () => {
        const token = await other.accessToken(ref)
        return { token, waitedMs: clock.now() - startedAt }
      })
      await clock.advance(2 * takesMs)
      for (const { token, waitedMs } of await Promise.all(calls)) {
        if (token !== await first || waitedMs > takesMs + Math.max(50, takesMs / 3)) t.fail(`waited ${waitedMs} ms`)
      }
      if (reads > firstReads || (round === 8 && reads > laterReads)) t.fail(`${reads} reads`)
    }
  })
}

t.test('refresh: one timer serves the deadlines of all callers, and each has ten seconds of its own', async (t) => {
  const { process, miro, clock } = createWorld()
  let waits = 0
  const auth = process({ clock: { ...clock, wait: (ms, signal) => { waits++; return clock.wait(ms, signal) } } })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => new Promise<never>(() => {})
  const ends: number[] = []
  const call = async (): Promise<void> => {
    const startedAt = clock.now()
    await codeOf(auth.accessToken(ref))
    ends.push(clock.now() - startedAt)
  }
  const calls = Array.from({ length: 100 }, call)
  await clock.advance(4000)
  calls.push(...Array.from({ length: 100 }, call))
  await clock.advance(10_000)
  await Promise.all(calls)
  t.same(ends, Array.from({ length: 200 }, () => 10_000))
  t.ok(waits < 20, `${waits} timers`)
})

t.test('refresh: a due token is refreshed ahead, and the caller that starts it gets the new token', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(0.91 * hour)
  t.equal(await auth.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
})

t.test('refresh: callers with a valid token wait two seconds for a slow refresh, then use that token', async (t) => {
  const { process, miro, clock } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(0.91 * hour)
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const first = auth.accessToken(ref)
  const second = other.accessToken(ref)
  await clock.advance(1900)
  t.equal(await Promise.race([first, second, Promise.resolve('waiting')]), 'waiting')
  await clock.advance(200)
  t.same(await Promise.all([first, second]), ['access-1', 'access-1'])
  t.equal(await other.accessToken(ref), 'access-1', 'later callers do not wait')
  slow.open()
  await clock.advance(2000)
  t.equal(await other.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
})

t.test('refresh: a caller gets MIRO_UNAVAILABLE after ten seconds, and the request goes on', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(10_000)
  t.equal(await call, 'MIRO_UNAVAILABLE')
  slow.open()
  await clock.advance(100)
  t.equal(await auth.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
})

t.test('refresh: a caller that aborts gets its own reason, and the request to Miro goes on', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const abort = new AbortController()
  const call = auth.accessToken(ref, { signal: abort.signal })
  await clock.advance(10)
  abort.abort(new Error('gone'))
  await t.rejects(call, { message: 'gone' })
  slow.open()
  await clock.advance(100)
  t.equal(await auth.accessToken(ref), 'access-2')
})

t.test('refresh: an answer that arrives after a take-over and its refusal overwrites the tombstone', async (t) => {
  const world = createWorld()
  const { miro, clock, store } = world
  const pausedClock = createFakeClock(clock.now())
  const paused = world.process({ clock: pausedClock, store })
  const other = world.process()
  await other.connect(miro.issue())
  await Promise.all([clock.advance(hour), pausedClock.advance(hour)])
  const answer = gate()
  let rotated: Response | undefined
  miro.answer = async (request) => {
    if (rotated !== undefined) return undefined
    rotated = miro.obey(request)
    await answer.promise
    return rotated
  }
  const first = paused.accessToken(ref)
  await pausedClock.advance(10)
  t.equal(miro.refreshes().length, 1)

  await clock.advance(121_000)
  const second = codeOf(other.accessToken(ref))
  await clock.advance(9000)
  t.equal(await second, 'MIRO_REAUTHORIZE', 'the second process took over and was refused')
  t.ok(world.events.some(({ type }) => type === 'lease_taken_over'))
  t.match(await codeOf(other.accessToken(ref)), 'MIRO_REAUTHORIZE')

  answer.open()
  await pausedClock.advance(10)
  t.equal(await first, 'access-2')
  t.equal(await other.accessToken(ref), 'access-2', 'the late pair overwrote the tombstone')
  t.ok(world.events.some((event) => event.type === 'refreshed' && event.late))
  t.equal(miro.refreshes().length, 2)
})

t.test('refresh: a lease is taken over once two reads three seconds apart find it expired', async (t) => {
  const world = createWorld()
  const { miro, clock } = world
  const frozen = createFakeClock(clock.now())
  const killed = world.process({ clock: frozen })
  const other = world.process()
  await other.connect(miro.issue())
  await Promise.all([clock.advance(hour), frozen.advance(hour)])
  const never = gate<Response>()
  miro.answer = () => miro.refreshes().length === 1 ? never.promise : undefined
  killed.accessToken(ref).catch(() => {})
  await frozen.advance(10)
  await clock.advance(100_000)
  const early = codeOf(other.accessToken(ref))
  await clock.advance(11_000)
  t.equal(await early, 'MIRO_UNAVAILABLE')
  await clock.advance(10_000)
  const late = other.accessToken(ref)
  await clock.advance(2500)
  t.equal(miro.refreshes().length, 1)
  await clock.advance(3000)
  t.equal(await late, 'access-2')
  t.equal(miro.refreshes().length, 2)
})

t.test('refresh: while one process sends after a take-over, callers of the others wait for its token', async (t) => {
  const world = createWorld()
  const { miro, clock } = world
  const frozen = createFakeClock(clock.now())
  const killed = world.process({ clock: frozen })
  const others = [world.process(), world.process()]
  await killed.connect(miro.issue())
  await Promise.all([clock.advance(hour), frozen.advance(hour)])
  const [never, answer] = [gate<Response>(), gate()]
  miro.answer = async () => {
    if (miro.refreshes().length === 1) return never.promise
    await answer.promise
    return undefined
  }
  killed.accessToken(ref).catch(() => {})
  await frozen.advance(10)
  await clock.advance(121_000)
  const calls = Promise.allSettled(others.map((process) => process.accessToken(ref)))
  await clock.advance(4500)
  t.equal(miro.refreshes().length, 2)
  answer.open()
  await clock.advance(1000)
  t.match(await calls, [{ value: 'access-2' }, { value: 'access-2' }])
})

t.test('disconnect: a disconnect during a refresh wins, and the pair that arrives after it is revoked', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async ({ path }) => { if (path === '/v1/oauth/token') await slow.promise; return undefined }
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(10)
  t.same(await other.disconnect(ref), { ended: true, revoked: false })
  slow.open()
  await clock.advance(3000)
  t.equal(await call, 'MIRO_NOT_CONNECTED')
  t.equal(await codeOf(other.accessToken(ref)), 'MIRO_NOT_CONNECTED')
  await auth.close()
  t.notOk(miro.isLive('access-2'))
  t.ok(events.some((event) => event.type === 'refresh_dropped' && event.why === 'disconnected'))
})

t.test('connect: a connect during a refresh wins, and nothing is revoked', async (t) => {
  const { process, miro, clock } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async () => { await slow.promise; return json(200, { access_token: 'stale', refresh_token: 'stale-refresh', expires_in: 3599 }) }
  const call = auth.accessToken(ref)
  await clock.advance(10)
  await other.connect(miro.issue())
  slow.open()
  await clock.advance(3000)
  t.equal(await call, 'access-2')
  t.equal(await other.accessToken(ref), 'access-2')
  t.same(miro.paths(), ['/v1/oauth/token'])
})

const refusals: Array<[name: string, answer: () => Response | Promise<Response>, code: string, waitMs?: number]> = [
  ['500', () => envelope(500, 'internalError'), 'MIRO_UNAVAILABLE'],
  ['503 with HTML', () => new Response('<html>planted</html>', { status: 503, headers: { 'content-type': 'text/html' } }), 'MIRO_UNAVAILABLE'],
  ['429', () => new Response('', { status: 429, headers: { 'retry-after': '7' } }), 'MIRO_UNAVAILABLE'],
  ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/' } }), 'MIRO_BAD_RESPONSE'],
  ['HTML with 200', () => new Response('<!doctype html><p>login', { headers: { 'content-type': 'text/html' } }), 'MIRO_BAD_RESPONSE'],
  ['a cut body', () => new Response('{"access_token":"acc'), 'MIRO_UNAVAILABLE'],
  ['an empty 200', () => new Response(''), 'MIRO_UNAVAILABLE'],
  ['a reset connection', () => Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })), 'MIRO_UNAVAILABLE'],
  ['a refused connection', () => Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })), 'MIRO_UNAVAILABLE'],
  ['no answer', () => new Promise<Response>(() => {}), 'MIRO_UNAVAILABLE', 700_000],
  ['invalid_client', () => json(401, { error: 'invalid_client' }), 'MIRO_CONFIG'],
  ['Miro\'s 403', () => envelope(403, 'forbiddenAccess'), 'MIRO_UNAVAILABLE'],
  ['Miro\'s 404', () => envelope(404, 'notFound'), 'MIRO_UNAVAILABLE'],
  ['another server\'s 404', () => new Response('not here', { status: 404 }), 'MIRO_BAD_RESPONSE'],
  ['an unknown 401', () => envelope(401, 'somethingNew'), 'MIRO_UNAVAILABLE'],
  ['an empty 400', () => new Response('', { status: 400 }), 'MIRO_UNAVAILABLE']
]

for (const [name, answer, code, waitMs = 0] of refusals) {
  t.test(`refresh: after ${name} a caller gets ${code}, and the grant is kept`, async (t) => {
    const { process, miro, clock } = createWorld()
    const auth = process()
    await auth.connect(miro.issue())
    await clock.advance(hour)
    miro.answer = answer
    const call = codeOf(auth.accessToken(ref))
    await clock.advance(10_000)
    t.equal(await call, code)
    await clock.advance(2 * minute + waitMs)
    miro.answer = () => undefined
    const again = auth.accessToken(ref)
    await clock.advance(10_000)
    t.equal(await again, 'access-2')
    t.ok(miro.refreshes().every(({ form }) => form.get('refresh_token') === 'refresh-1'))
  })
}

t.test('refresh: invalid_grant ends the grant in a tombstone, and no request follows', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => json(400, { error: 'invalid_grant' })
  await t.rejects(auth.accessToken(ref), { code: 'MIRO_REAUTHORIZE', reason: 'refused', statusCode: 401 })
  await t.rejects(auth.accessToken(ref), ReauthorizeError)
  t.equal(miro.refreshes().length, 1)
  t.ok(events.some((event) => event.type === 'rejected' && event.reason === 'refused'))
})

t.test('connect: a connect over a tombstone begins a new grant with a new consent id', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  const first = await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => json(400, { error: 'invalid_grant' })
  await codeOf(auth.accessToken(ref))
  const second = await auth.connect(miro.issue())
  t.not(second.consentId, first.consentId)
  t.equal(await auth.accessToken(ref), 'access-2')
})

t.test('refresh: after a lost answer the same refresh token is sent again under a renewed lease', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => miro.refreshes().length <= 3 ? envelope(502, 'badGateway') : undefined
  const calls = [auth, other].map((process) => process.accessToken(ref).catch((error: unknown) => error))
  await clock.advance(3500)
  const [own, waiting] = await Promise.all(calls)
  t.match(own, { code: 'MIRO_UNAVAILABLE', cause: { message: 'Miro answered with HTTP 502.' } }, 'its callers are told soon')
  t.match(waiting, { code: 'MIRO_UNAVAILABLE' }, 'those of another process too')
  const [failed] = events.filter(({ type }) => type === 'refresh_failed')
  t.match(failed, { verdict: 'ambiguous', status: 502, errorCode: null, willRetry: true }, 'at the first failed try')
  await clock.advance(6400)
  t.equal(await auth.accessToken(ref), 'access-2')
  t.equal(await other.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 4)
})

t.test('refresh: a refusal after a lost answer has the reason response_lost', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = async (request) => {
    if (miro.refreshes().length > 1) return undefined
    miro.obey(request)
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
  }
  const call = auth.accessToken(ref)
  call.catch(() => {})
  await clock.advance(5000)
  await t.rejects(call, { code: 'MIRO_REAUTHORIZE', reason: 'response_lost' })
})

t.test('refresh: a token that was refused unclearly is sent again after 1, 10 and 60 minutes only', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => envelope(401, 'oauthError')
  for (const [index, wait] of [1, 10, 60, 60].entries()) {
    // The first refusal may be the app's fault; the second, of this grant alone, is the grant's.
    const code = index === 0 ? 'MIRO_UNAVAILABLE' : 'MIRO_REAUTHORIZE'
    t.equal(await codeOf(auth.accessToken(ref)), code)
    t.equal(miro.refreshes().length, index + 1)
    await clock.advance(wait * minute - 1000)
    t.equal(await codeOf(auth.accessToken(ref)), code)
    t.equal(miro.refreshes().length, index + 1)
    await clock.advance(1000)
  }
})

t.test('refresh: the third unclear refusal ends the grant if the secret worked between each two', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => envelope(401, 'oauthError')
  for (const minutes of [1, 10]) {
    await codeOf(auth.accessToken(ref))
    await clock.advance(minutes * minute)
    await auth.connect(miro.issue('3458764520000000002'))
  }
  await t.rejects(auth.accessToken(ref), { code: 'MIRO_REAUTHORIZE', reason: 'refused' })
  t.ok(events.some(({ type }) => type === 'rejected'))
  await clock.advance(2 * hour)
  await codeOf(auth.accessToken(ref))
  t.equal(miro.refreshes().length, 3)
})

const wrongSecret: Record<string, { answer: () => Response, code: string }> = {
  envelope: { answer: () => envelope(401, 'oauthError'), code: 'MIRO_UNAVAILABLE' },
  'an empty 401': { answer: () => new Response('', { status: 401 }), code: 'MIRO_UNAVAILABLE' },
  'RFC 6749': { answer: () => json(401, { error: 'invalid_client' }), code: 'MIRO_CONFIG' }
}

for (const [form, { answer, code }] of Object.entries(wrongSecret)) {
  t.test(`refresh: a client secret that is changed at Miro first, refused in the form ${form}, it costs few requests, no grant, and no person is asked to connect again`, async (t) => {
    const { process, miro, clock, events } = createWorld()
    const auth = process()
    const refs = Array.from({ length: 20 }, (_, index) => ({ ...ref, userId: `345876452000000010${index}` }))
    for (const { userId } of refs) await auth.connect(miro.issue(userId))
    await clock.advance(hour)
    miro.answer = answer
    const codes = new Set<unknown>()
    for (let tenSeconds = 0; tenSeconds < 180; tenSeconds++) {
      const calls = refs.map((one) => codeOf(auth.accessToken(one)))
      await clock.advance(10_000)
      for (const got of await Promise.all(calls)) codes.add(got)
    }
    t.same([...codes].filter((got) => got !== 'MIRO_UNAVAILABLE'), code === 'MIRO_UNAVAILABLE' ? [] : [code])
    t.ok(miro.refreshes().length <= 85, `${miro.refreshes().length} requests in thirty minutes`)
    t.ok(events.some(({ type }) => type === 'breaker_opened'))
    for (const one of refs) t.equal((await auth.snapshot(one)).reauthorize, null)

    t.test('a process with the new secret asks for every grant at once', async (t) => {
      miro.answer = ({ form }) => form.get('client_secret') === 'secret of today' ? undefined : answer()
      const deployed = process({ clientSecret: 'secret-of-today' })
      miro.answer = () => undefined
      const some = refs.slice(0, 10)
      t.same(await Promise.all(some.map((one) => codeOf(deployed.accessToken(one)))), some.map(() => null))
    })

    t.test('a process with the old secret does so once it works again', async (t) => {
      await clock.advance(30_000)
      const rest = refs.slice(10)
      const calls = rest.map((one) => codeOf(auth.accessToken(one)))
      await clock.advance(10_000)
      t.same(await Promise.all(calls), rest.map(() => null))
      t.ok(events.some(({ type }) => type === 'breaker_closed'))
    })
  })
}

t.test('refresh: three people who removed the app do not hold up ten others', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const auth = process()
  const people = (count: number, first: number): Array<typeof ref> =>
    Array.from({ length: count }, (
      _,
      index
    ) => ({ ...ref, userId: String(3_458_764_520_000_000n + BigInt(first + index)) }))
  const [removed, healthy] = [people(5, 0), people(10, 100)]
  for (const { userId } of [...removed, ...healthy]) await auth.connect(miro.issue(userId))
  await clock.advance(hour)
  const dead = new Set(removed.map((_, index) => `refresh-${index + 1}`))
  miro.answer = ({ form }) => dead.has(form.get('refresh_token') ?? '') ? envelope(403, 'forbidden') : undefined
  const calls = [...removed.slice(0, 3), ...healthy, ...removed.slice(3)].map((one) => codeOf(auth.accessToken(one)))
  await clock.advance(10_000)
  const codes = await Promise.all(calls)
  t.same(codes.slice(3, 13), healthy.map(() => null))
  t.notOk(events.some(({ type }, index) => type === 'breaker_opened' && !events.slice(index).some((later) => later.type === 'breaker_closed')))

  t.test('and are asked to connect again, with the healthy served all the while', async (t) => {
    const seen = new Set<unknown>()
    for (let tenSeconds = 0; tenSeconds < 30; tenSeconds++) {
      const mine = removed.map((one) => codeOf(auth.accessToken(one)))
      const theirs = healthy.map((one) => codeOf(auth.accessToken(one)))
      await clock.advance(10_000)
      for (const code of await Promise.all(theirs)) t.equal(code, null)
      for (const code of await Promise.all(mine)) seen.add(code)
    }
    t.ok(seen.has('MIRO_REAUTHORIZE'))
    for (const one of removed) t.match((await auth.snapshot(one)).reauthorize, { reason: 'unclear' })
  })
})

t.test('refresh: an unsaved pair is served from memory, and stored when the store is back', async (t) => {
  const { process, miro, clock, store, events } = createWorld()
  let down = false
  const flaky = {
    get: async (key: string) => { if (down) throw new Error('store down'); return store.get(key) },
    cas: async (...args: Parameters<typeof store.cas>) => { if (down) throw new Error('store down'); return store.cas(...args) }
  }
  const auth = process({ store: flaky })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => { down = true; return undefined }
  const call = auth.accessToken(ref)
  await clock.advance(2000)
  t.equal(await call, 'access-2')
  t.equal(await auth.accessToken(ref), 'access-2', 'served while the store is down')
  t.ok(events.some(({ type }) => type === 'commit_delayed'))
  await clock.advance(30_000)
  down = false
  t.equal(await auth.accessToken(ref), 'access-2', 'served before the store has it')
  await clock.advance(2000)
  t.equal(await process().accessToken(ref), 'access-2', 'another process finds it')
  t.equal(miro.refreshes().length, 1)
})

t.test('store: a store that is down gives MIRO_STORE, with its own error as the cause only', async (t) => {
  const { process } = createWorld()
  const broken = { get: async () => { throw new Error('no route to store') }, cas: async () => { throw new Error('no route to store') } }
  await t.rejects(process({ store: broken }).accessToken(ref), { code: 'MIRO_STORE', statusCode: 503 })
})

t.test('refresh: a lease that took more than ten seconds to write is given back without a request', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let slow: 'cas' | 'get' | null = null
  const auth = process({
    store: {
      get: async (key) => {
        if (slow === 'get') { slow = null; await clock.wait(200) }
        return store.get(key)
      },
      cas: async (...args) => {
        const result = await store.cas(...args)
        if (slow === 'cas') { slow = 'get'; await clock.wait(60_000) }
        return result
      }
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  let leaseAgeMs: number | undefined
  miro.answer = async () => {
    leaseAgeMs = (await store.get(`miro:grant:3458764500000000001:${ref.userId}:${ref.teamId}`))?.ageMs
    return undefined
  }
  slow = 'cas'
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(10_100)
  t.equal(await call, 'MIRO_UNAVAILABLE')
  t.equal(miro.refreshes().length, 0)
  await clock.advance(50_000)
  t.equal(await auth.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
  t.equal(leaseAgeMs, 0, 'the request was sent under a new lease')
})

t.test('refresh: a lease whose write was reported as a mismatch is recognised by its id', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let lose = false
  const auth = process({
    store: {
      get: store.get,
      cas: async (...args) => {
        const result = await store.cas(...args)
        if (!lose) return result
        lose = false
        return { ok: false, current: await store.get(args[0]) }
      }
    }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  lose = true
  t.equal(await auth.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
})

t.test('refresh: an answer without refresh_token, user_id or scope keeps the stored ones', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => json(200, { access_token: 'next-access', expires_in: 3599 })
  t.equal(await auth.accessToken(ref), 'next-access')
  await clock.advance(hour)
  miro.answer = () => undefined
  t.equal(await auth.accessToken(ref), 'access-2')
  t.equal(miro.refreshes()[1]?.form.get('refresh_token'), 'refresh-1')
  t.same((await auth.snapshot(ref)).grant?.scopes, ['boards:read'])
})

t.test('refresh: credentials travel in the form body, never in the URL', async (t) => {
  const { process, miro, clock } = createWorld()
  const urls: string[] = []
  const auth = process({ fetch: (url, init) => { urls.push(url); return miro.fetch(url, init) } })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  await auth.accessToken(ref)
  t.same(urls, ['https://api.miro.com/v1/oauth/token'])
  t.same(Object.fromEntries(miro.refreshes()[0]?.form ?? []), {
    grant_type: 'refresh_token', client_id: '3458764500000000001', client_secret: 'planted-client-secret', refresh_token: 'refresh-1'
  })
})

t.test('rest: a 401 forces one refresh and one retry, and no second refresh within a minute', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  const client = auth.client(ref)
  miro.answer = ({ authorization }) => authorization === 'Bearer access-1' ? envelope(401, 'tokenExpired') : undefined
  t.equal((await client.fetch('/v2/boards')).status, 200)
  t.equal(miro.refreshes().length, 1)
  miro.answer = ({ path }) => path === '/v2/boards' ? envelope(401, 'tokenExpired') : undefined
  t.equal((await client.fetch('/v2/boards')).status, 401)
  t.equal((await client.fetch('/v2/boards')).status, 401)
  t.equal(miro.refreshes().length, 1, 'no other within a minute')
  await clock.advance(minute)
  t.equal((await client.fetch('/v2/boards')).status, 401)
  t.equal(miro.refreshes().length, 2)
})

t.test('rest: a hundred calls that get a 401 at once force one refresh', async (t) => {
  const { process, miro, clock } = createWorld()
  const fleet = [process(), process()]
  await fleet[0]?.connect(miro.issue())
  miro.answer = ({ authorization }) => authorization === 'Bearer access-1' ? envelope(401, 'tokenExpired') : undefined
  const calls = Array.from({ length: 100 }, async (_, index) => (await fleet[index % 2]?.client(ref).fetch('/v2/boards'))?.status)
  await clock.advance(3000)
  t.same(new Set(await Promise.all(calls)), new Set([200]))
  t.equal(miro.refreshes().length, 1)
})

t.test('rest: a 401 for a token that was replaced meanwhile is retried with the stored one', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  const snapshot = await auth.snapshot(ref)
  await auth.connect(miro.issue())
  t.equal((await auth.client(ref, { snapshot }).fetch('/v2/boards')).status, 200)
  t.equal(miro.refreshes().length, 0)
})

t.test('rest: a 401 for a token without expiry ends the grant only if Miro confirms it', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(JSON.stringify({ access_token: 'forever', user_id: ref.userId, team_id: ref.teamId, scope: 'boards:read' }))
  t.equal(await auth.accessToken(ref), 'forever')
  miro.answer = ({ path }) => path === '/v2/boards' ? envelope(401, 'tokenExpired') : json(200, {})
  t.equal((await auth.client(ref).fetch('/v2/boards')).status, 401)
  t.equal(await auth.accessToken(ref), 'forever', 'Miro still knows the token')
  miro.answer = () => envelope(401, 'tokenExpired')
  await t.rejects(auth.client(ref).fetch('/v2/boards'), { code: 'MIRO_REAUTHORIZE', reason: 'revoked' })
  await t.rejects(auth.accessToken(ref), { code: 'MIRO_REAUTHORIZE', reason: 'revoked' })
})

t.test('disconnect: the tombstone is written before the pair is revoked at Miro', async (t) => {
  const { process, miro, store } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  let codeMeanwhile: unknown
  miro.answer = async () => { codeMeanwhile = await codeOf(process({ store }).accessToken(ref)); return undefined }
  t.same(await auth.disconnect(ref), { ended: true, revoked: true })
  t.equal(codeMeanwhile, 'MIRO_NOT_CONNECTED')
  t.same(miro.requests[0]?.json, { accessToken: 'access-1', clientId: '3458764500000000001', clientSecret: 'planted-client-secret' })
  t.notOk(miro.isLive('access-1'))
  t.same(await auth.disconnect(ref), { ended: false, revoked: false }, 'a second disconnect has nothing to do')
})

t.test('disconnect: an expired access token is refreshed once, and the new pair is revoked', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  t.same(await auth.disconnect(ref), { ended: true, revoked: true })
  t.same(miro.paths(), ['/v1/oauth/token', '/v2/oauth/revoke'])
  t.equal(miro.requests[1]?.json?.['accessToken'], 'access-2')
})

t.test('disconnect: a Miro that does not answer is waited for as long as a caller waits', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  miro.answer = () => new Promise<Response>(() => {})
  const done = auth.disconnect(ref)
  await clock.advance(10_000)
  t.same(await done, { ended: true, revoked: false })
  t.equal(await codeOf(auth.accessToken(ref)), 'MIRO_NOT_CONNECTED')
})

t.test('calls: an option that is not known is MIRO_CONFIG, and the grant stands', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  const { grant } = await auth.connect(miro.issue())
  // In JavaScript a misspelt condition would be none: the grant would end, or be linked to no user, in any case.
  const calls: Record<string, () => unknown> = {
    disconnect: () => auth.disconnect(ref, { consentID: 'x' } as object),
    only: () => auth.disconnect(ref, { only: 'provisonal' as 'provisional' }),
    isForgotten: () => auth.disconnect(ref, { isForgotten: true } as object),
    unlink: () => auth.unlink('user-1', ref, { consentID: 'x' } as object),
    client: () => auth.client(ref, { consentID: 'x' } as object),
    connect: () => auth.connect(miro.issue(), { appUser: 'user-1' } as object),
    exchange: () => auth.exchange('code', { redirectUri: 'https://app.example/', appUser: 'user-1' } as { redirectUri: string }),
    status: () => auth.status('user-1', { scopes: [] } as object),
    'exchange without any': () => auth.exchange('code', undefined as unknown as { redirectUri: string }),
    'adopt without any': () => auth.adopt(undefined as unknown as AdoptedTokens),
    'authorizeUrl without any': () => auth.authorizeUrl(undefined as unknown as AuthorizeRequest),
    authorizeUrl: () => auth.authorizeUrl({ state: 's', redirectUri: 'https://app.example/', challenge: 'c' } as AuthorizeRequest)
  }
  for (const [name, call] of Object.entries(calls)) await t.rejects(async () => call(), { code: 'MIRO_CONFIG' }, name)
  await t.rejects(async () => calls['unlink']?.(), { message: 'The option consentID of unlink is not known.' })
  t.equal(miro.requests.length, 0)
  t.equal((await auth.snapshot(grant)).grant?.teamId, grant.teamId)
})

t.test('close: waits for the requests that were sent, begins no refresh, and still gives a valid token', async (t) => {
  const { process, miro, clock } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const call = auth.accessToken(ref)
  await clock.advance(10)
  const waiting = codeOf(other.accessToken(ref))
  await clock.advance(10)
  await other.close()
  t.equal(await waiting, 'MIRO_CLOSED', 'a caller that waits for another process has sent nothing, and ends')
  let closed = false
  const closing = auth.close().then(() => { closed = true })
  await clock.advance(1000)
  t.notOk(closed)
  slow.open()
  await clock.advance(10)
  await closing
  t.equal(await call, 'access-2')
  t.equal(await auth.accessToken(ref), 'access-2')
  await clock.advance(hour)
  await t.rejects(auth.accessToken(ref), ClosedError)
  t.equal(miro.refreshes().length, 1)
})

t.test('drained: it waits until a refresh that its caller did not wait for is stored, and ends nothing', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await auth.drained()
  await clock.advance(hour - 4 * minute)
  const slow = gate()
  miro.answer = async () => { await slow.promise; return undefined }
  const call = auth.accessToken(ref)
  await clock.advance(2000)
  t.equal(await call, 'access-1', 'a caller with a valid token goes on without the refresh')
  let isDrained = false
  const draining = auth.drained().then(() => { isDrained = true })
  await clock.advance(1000)
  t.notOk(isDrained)
  slow.open()
  await clock.advance(10)
  await draining
  t.equal(await process().accessToken(ref), 'access-2', 'another process finds the new pair stored')
  await clock.advance(hour)
  t.equal(await auth.accessToken(ref), 'access-3', 'it refreshes as before')
})

t.test('drained: it resolves after refresh.requestMs, also where a write does not end', async (t) => {
  const { process, miro, clock, store } = createWorld()
  let isDown = false
  const auth = process({
    refresh: { requestMs: 5000 },
    store: { ...store, cas: async (...entry) => isDown ? Promise.reject(new Error('down')) : store.cas(...entry) }
  })
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => { isDown = true; return undefined }
  const call = auth.accessToken(ref)
  await clock.advance(3000)
  t.equal(await call, 'access-2')
  let isDrained = false
  const draining = auth.drained().then(() => { isDrained = true })
  await clock.advance(4990)
  t.notOk(isDrained)
  await clock.advance(10)
  await draining
  t.ok(isDrained)
  const closing = auth.close()
  await clock.advance(5000)
  await closing
})

t.test('connect: ids that Miro sends as 64-bit numbers are kept exact', async (t) => {
  const { process } = createWorld()
  const { grant } = await process().connect('{"access_token":"a","refresh_token":"r","expires_in":3599,"user_id":3074457358607431473,"team_id":3074457362577833142}')
  t.equal(grant.userId, '3074457358607431473')
  t.equal(grant.teamId, '3074457362577833142')
})

t.test('connect: a value that is no token answer is refused, and nothing is stored', async (t) => {
  const { process, store } = createWorld()
  const auth = process()
  for (const answer of ['', '{}', '<html>', null, 7, [], JSON.parse('{"access_token":"a","user_id":3074457358607431473,"team_id":"1"}'), '{"access_token":"a","user_id":"1"}', '{"access_token":"a b","user_id":"1","team_id":"2"}']) {
    t.equal(await codeOf(auth.connect(answer)), 'MIRO_BAD_RESPONSE', inspect(answer))
  }
  t.equal(await store.get('miro:grant:3458764500000000001:1:2'), null)
})

t.test('connect: the consent id is kept over an active grant, and void for links after a disconnect', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  const first = await auth.connect(miro.issue(), { appUserId: 'user-1' })
  t.notOk(first.replaced)
  const second = await auth.connect(miro.issue())
  t.ok(second.replaced)
  t.equal(second.consentId, first.consentId)
  t.equal((await auth.grants('user-1')).length, 1)
  const client = auth.client(ref, { consentId: first.consentId })
  t.equal(await client.accessToken(), 'access-2')
  await auth.disconnect(ref)
  t.same(await auth.grants('user-1'), [])
  const third = await auth.connect(miro.issue(), { appUserId: 'user-2' })
  t.not(third.consentId, first.consentId)
  t.same(await auth.grants('user-1'), [], 'a stale link does not lead to the grant of another app user')
  t.equal((await auth.grants('user-2')).length, 1)
  t.equal(await codeOf(client.accessToken()), 'MIRO_NOT_CONNECTED')
})

t.test('adopt: the user and team of the tokens come from Miro', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(miro.issue()) as Record<string, string>
  const tokens = { accessToken: String(accessToken), refreshToken: String(refreshToken), expiresAt: clock.now() + hour, appUserId: 'user-1' }
  const { grant } = await auth.adopt(tokens)
  t.match(grant, { ...ref, userName: 'Ada', teamName: 'Acme', scopes: ['boards:read'] })
  t.equal(await auth.accessToken(ref), 'access-1')
  t.equal((await auth.grants('user-1')).length, 1)
  await auth.disconnect(ref)
  const dead = { code: 'MIRO_REAUTHORIZE', reason: 'access_token', message: /Refresh it first/ }
  await t.rejects(auth.adopt(tokens), dead, 'Miro knows no user of a dead token')
  miro.answer = () => envelope(500, 'x')
  t.equal(await codeOf(auth.adopt(tokens)), 'MIRO_UNAVAILABLE')
})

t.test('fetchNames: the names that Miro returns are stored, if they belong to the same grant', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  miro.answer = () => json(200, { user: { id: 'other', name: 'Eve' }, team: { id: ref.teamId, name: 'Acme' } })
  t.notOk((await auth.fetchNames(ref))?.userName)
  miro.answer = () => undefined
  t.equal((await auth.fetchNames(ref))?.userName, 'Ada')
  t.equal((await auth.snapshot(ref)).grant?.teamName, 'Acme')
})

t.test('secrets: no event, error, client or snapshot shows a token, a secret or Miro\'s words', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  const shown: unknown[] = [auth, auth.client(ref), await auth.snapshot(ref)]
  await clock.advance(hour)
  for (const [, answer] of refusals) {
    miro.answer = answer
    const call = auth.accessToken(ref).catch((error: unknown) => shown.push(error))
    await clock.advance(4 * hour)
    await call
  }
  miro.answer = () => undefined
  await auth.accessToken(ref)
  await auth.disconnect(ref)
  shown.push(events)
  const text = shown.map((value) => inspect(value, { depth: 20, showHidden: true, getters: false }) + JSON.stringify(value)).join('\n')
  for (const secret of ['planted', 'access-1', 'access-2', 'refresh-1', 'refresh-2', ref.userId]) t.notOk(text.includes(secret), secret)
  t.equal(new Set(events.flatMap((event) => 'grant' in event ? [event.grant] : [])).size, 1, 'one fingerprint for one grant')
})

t.test('markReported: of all processes one reports a grant that must be connected again, once until it has new tokens', async (t) => {
  const { process, miro, clock } = createWorld()
  const auths = [process(), process(), process()]
  await auths[0]?.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => json(400, { error: 'invalid_grant' })
  for (const auth of auths) await codeOf(auth.accessToken(ref))
  const first = await Promise.all(auths.map((auth) => auth.markReported(ref)))
  t.equal(first.filter((isFirst) => isFirst).length, 1)
  t.same(await Promise.all(auths.map((auth) => auth.markReported(ref))), [false, false, false])
  await auths[0]?.connect(miro.issue())
  t.equal(await auths[1]?.markReported(ref), true, 'a new connect begins anew')
  t.equal(await auths[1]?.markReported({ ...ref, userId: '1' }), false, 'a grant that is not there is none')
})
