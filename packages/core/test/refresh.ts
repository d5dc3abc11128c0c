import { inspect } from 'node:util'
import t from 'tap'
import { ClosedError, ReauthorizeError } from '../src/index.js'
import { createFakeClock } from '../src/testing/index.js'
import { codeOf, createWorld, envelope, gate, json, ref } from './fixtures/fake-miro.js'

const hour = 3_600_000
const minute = 60_000

t.test('a fresh token is served without asking Miro', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  t.equal(await auth.accessToken(ref), 'access-1')
  t.equal(miro.requests.length, 0)
})

for (const instances of [1, 2, 4]) {
  t.test(`1,000 callers at expiry in ${instances} processes make one refresh and get one answer`, async (t) => {
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

t.test('a due token is refreshed ahead, and the caller who sees it begin gets the new one', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(0.91 * hour)
  t.equal(await auth.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
})

t.test('while a valid token exists, a slow refresh makes callers wait two seconds and no longer', async (t) => {
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
  t.equal(await other.accessToken(ref), 'access-1', 'later callers do not wait again')
  slow.open()
  await clock.advance(2000)
  t.equal(await other.accessToken(ref), 'access-2')
  t.equal(miro.refreshes().length, 1)
})

t.test('a caller leaves after ten seconds with MIRO_UNAVAILABLE, and the request goes on to store its pair', async (t) => {
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

t.test('a caller that aborts gets its own reason, and its request to Miro is not aborted', async (t) => {
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

t.test('an answer that arrives after a takeover, a refusal and a tombstone heals the grant', async (t) => {
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

t.test('a lease is not taken over before its lease ends and it was expired in two reads, three seconds apart', async (t) => {
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

t.test('a disconnect during a refresh wins, and the pair that was received is revoked', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(hour)
  const slow = gate()
  miro.answer = async ({ path }) => { if (path === '/v1/oauth/token') await slow.promise; return undefined }
  const call = codeOf(auth.accessToken(ref))
  await clock.advance(10)
  t.same(await other.disconnect(ref), { revoked: false })
  slow.open()
  await clock.advance(3000)
  t.equal(await call, 'MIRO_NOT_CONNECTED')
  t.equal(await codeOf(other.accessToken(ref)), 'MIRO_NOT_CONNECTED')
  t.notOk(miro.isLive('access-2'))
  t.ok(events.some((event) => event.type === 'refresh_dropped' && event.why === 'disconnected'))
})

t.test('a reconnect during a refresh wins, and nothing is revoked', async (t) => {
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
  ['nothing at all', () => new Promise<Response>(() => {}), 'MIRO_UNAVAILABLE', 700_000],
  ['invalid_client', () => json(401, { error: 'invalid_client' }), 'MIRO_CONFIG'],
  ['403', () => envelope(403, 'forbiddenAccess'), 'MIRO_BAD_RESPONSE'],
  ['404', () => new Response('not here', { status: 404 }), 'MIRO_BAD_RESPONSE'],
  ['an unknown 401', () => envelope(401, 'somethingNew'), 'MIRO_REAUTHORIZE'],
  ['an empty 400', () => new Response('', { status: 400 }), 'MIRO_REAUTHORIZE']
]

for (const [name, answer, code, waitMs = 0] of refusals) {
  t.test(`a refresh answered by ${name} gives ${code} and never loses the grant`, async (t) => {
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

t.test('invalid_grant ends the grant in a tombstone, and Miro is not asked again', async (t) => {
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

t.test('a connect over a tombstone begins anew', async (t) => {
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

t.test('a lost answer is followed by the same token under a renewed lease', async (t) => {
  const { process, miro, clock } = createWorld()
  const [auth, other] = [process(), process()]
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => miro.refreshes().length <= 3 ? envelope(502, 'badGateway') : undefined
  const call = auth.accessToken(ref)
  const waiting = other.accessToken(ref)
  await clock.advance(9900)
  t.equal(await call, 'access-2')
  t.equal(await waiting, 'access-2')
  t.equal(miro.refreshes().length, 4)
})

t.test('a refusal after a lost answer says response_lost', async (t) => {
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

t.test('an unclear refusal is asked again after 1, 10 and 60 minutes, and not between', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => envelope(401, 'oauthError')
  for (const [index, wait] of [1, 10, 60, 60].entries()) {
    t.equal(await codeOf(auth.accessToken(ref)), 'MIRO_REAUTHORIZE')
    t.equal(miro.refreshes().length, index + 1)
    await clock.advance(wait * minute - 1000)
    t.equal(await codeOf(auth.accessToken(ref)), 'MIRO_REAUTHORIZE')
    t.equal(miro.refreshes().length, index + 1)
    await clock.advance(1000)
  }
})

t.test('an unclear refusal becomes final the third time, when the secret proved good in between each time', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  miro.answer = () => envelope(401, 'oauthError')
  for (const minutes of [1, 10]) {
    await t.rejects(auth.accessToken(ref), { code: 'MIRO_REAUTHORIZE', reason: 'unclear' })
    await clock.advance(minutes * minute)
    await auth.connect(miro.issue('3458764520000000002'))
  }
  await t.rejects(auth.accessToken(ref), { code: 'MIRO_REAUTHORIZE', reason: 'refused' })
  t.ok(events.some(({ type }) => type === 'rejected'))
  await clock.advance(2 * hour)
  await codeOf(auth.accessToken(ref))
  t.equal(miro.refreshes().length, 3)
})

t.test('a wrong secret for a while opens the breaker and costs no grant', async (t) => {
  const { process, miro, clock, events } = createWorld()
  const auth = process()
  const refs = Array.from({ length: 20 }, (_, index) => ({ ...ref, userId: `345876452000000010${index}` }))
  for (const { userId } of refs) await auth.connect(miro.issue(userId))
  await clock.advance(hour)
  miro.answer = () => envelope(401, 'oauthError')
  const codes: unknown[] = []
  for (const one of refs) codes.push(await codeOf(auth.accessToken(one)))
  t.same(codes.slice(0, 3), Array(3).fill('MIRO_REAUTHORIZE'))
  t.same(codes.slice(3), Array(17).fill('MIRO_UNAVAILABLE'))
  t.equal(miro.refreshes().length, 3)
  t.ok(events.some(({ type }) => type === 'breaker_opened'))

  miro.answer = () => undefined
  await clock.advance(2 * minute)
  const recovered: unknown[] = []
  for (const one of refs) recovered.push(await codeOf(auth.accessToken(one)))
  t.same(recovered, Array(20).fill(null))
  t.ok(events.some(({ type }) => type === 'breaker_closed'))
})

t.test('a pair that the store does not take is served from memory and stored when the store returns, with one request', async (t) => {
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

t.test('a store that is down gives MIRO_STORE and keeps its own words to the cause', async (t) => {
  const { process } = createWorld()
  const broken = { get: async () => { throw new Error('no route to store') }, cas: async () => { throw new Error('no route to store') } }
  await t.rejects(process({ store: broken }).accessToken(ref), { code: 'MIRO_STORE', statusCode: 503 })
})

t.test('a lease that took more than ten seconds to write is given back, and nothing is sent under it', async (t) => {
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
  let claimAgeMs: number | undefined
  miro.answer = async () => {
    claimAgeMs = (await store.get(`miro:grant:3458764500000000001:${ref.userId}:${ref.teamId}`))?.ageMs
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
  t.equal(claimAgeMs, 0, 'it was sent under a lease that was taken anew')
})

t.test('a lease whose write was reported as a mismatch is recognised by its id', async (t) => {
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

t.test('a refresh answer without refresh_token or user_id keeps what is stored', async (t) => {
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

t.test('credentials travel in the form body, never in the URL', async (t) => {
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

t.test('a 401 of the API forces one refresh and one retry; within a minute there is no other', async (t) => {
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
  t.equal(miro.refreshes().length, 1, 'none within a minute')
  await clock.advance(minute)
  t.equal((await client.fetch('/v2/boards')).status, 401)
  t.equal(miro.refreshes().length, 2)
})

t.test('a hundred calls that meet a dead token at once force one refresh', async (t) => {
  const { process, miro, clock } = createWorld()
  const fleet = [process(), process()]
  await fleet[0]?.connect(miro.issue())
  miro.answer = ({ authorization }) => authorization === 'Bearer access-1' ? envelope(401, 'tokenExpired') : undefined
  const calls = Array.from({ length: 100 }, async (_, index) => (await fleet[index % 2]?.client(ref).fetch('/v2/boards'))?.status)
  await clock.advance(3000)
  t.same(new Set(await Promise.all(calls)), new Set([200]))
  t.equal(miro.refreshes().length, 1)
})

t.test('a 401 after another process refreshed is retried with the stored token, without a refresh', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  const snapshot = await auth.snapshot(ref)
  await auth.connect(miro.issue())
  t.equal((await auth.client(ref, { snapshot }).fetch('/v2/boards')).status, 200)
  t.equal(miro.refreshes().length, 0)
})

t.test('a token that does not expire is confirmed with Miro before its grant ends', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(JSON.stringify({ access_token: 'forever', user_id: ref.userId, team_id: ref.teamId, scope: 'boards:read' }))
  t.equal(await auth.accessToken(ref), 'forever')
  miro.answer = ({ path }) => path === '/v2/boards' ? envelope(401, 'tokenExpired') : json(200, {})
  t.equal((await auth.client(ref).fetch('/v2/boards')).status, 401)
  t.equal(await auth.accessToken(ref), 'forever', 'Miro still knows it')
  miro.answer = () => envelope(401, 'tokenExpired')
  await t.rejects(auth.client(ref).fetch('/v2/boards'), { code: 'MIRO_REAUTHORIZE', reason: 'revoked' })
  await t.rejects(auth.accessToken(ref), { code: 'MIRO_REAUTHORIZE', reason: 'revoked' })
})

t.test('disconnect tombstones first and then revokes the pair at Miro', async (t) => {
  const { process, miro, store } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  let codeMeanwhile: unknown
  miro.answer = async () => { codeMeanwhile = await codeOf(process({ store }).accessToken(ref)); return undefined }
  t.same(await auth.disconnect(ref), { revoked: true })
  t.equal(codeMeanwhile, 'MIRO_NOT_CONNECTED')
  t.same(miro.requests[0]?.json, { accessToken: 'access-1', clientId: '3458764500000000001', clientSecret: 'planted-client-secret' })
  t.notOk(miro.isLive('access-1'))
  t.same(await auth.disconnect(ref), { revoked: false }, 'again: nothing to do')
})

t.test('disconnect with an expired access token refreshes once and revokes the result', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  await clock.advance(hour)
  t.same(await auth.disconnect(ref), { revoked: true })
  t.same(miro.paths(), ['/v1/oauth/token', '/v2/oauth/revoke'])
  t.equal(miro.requests[1]?.json?.['accessToken'], 'access-2')
})

t.test('disconnect does not wait for a silent Miro longer than a caller would', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  miro.answer = () => new Promise<Response>(() => {})
  const done = auth.disconnect(ref)
  await clock.advance(10_000)
  t.same(await done, { revoked: false })
  t.equal(await codeOf(auth.accessToken(ref)), 'MIRO_NOT_CONNECTED')
})

t.test('close waits for what was sent and begins nothing new', async (t) => {
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
  t.equal(await waiting, 'MIRO_CLOSED', 'a waiter holds nothing and ends')
  let closed = false
  const closing = auth.close().then(() => { closed = true })
  await clock.advance(1000)
  t.notOk(closed)
  slow.open()
  await clock.advance(10)
  await closing
  t.equal(await call, 'access-2')
  await clock.advance(hour)
  await t.rejects(auth.accessToken(ref), ClosedError)
  t.equal(miro.refreshes().length, 1)
})

t.test('connect keeps ids exact when Miro sends them as 64-bit numbers', async (t) => {
  const { process } = createWorld()
  const { grant } = await process().connect('{"access_token":"a","refresh_token":"r","expires_in":3599,"user_id":3074457358607431473,"team_id":3074457362577833142}')
  t.equal(grant.userId, '3074457358607431473')
  t.equal(grant.teamId, '3074457362577833142')
})

t.test('connect refuses what is no token answer and stores nothing', async (t) => {
  const { process, store } = createWorld()
  const auth = process()
  for (const answer of ['', '{}', '<html>', null, 7, [], JSON.parse('{"access_token":"a","user_id":3074457358607431473,"team_id":"1"}'), '{"access_token":"a","user_id":"1"}', '{"access_token":"a b","user_id":"1","team_id":"2"}']) {
    t.equal(await codeOf(auth.connect(answer)), 'MIRO_BAD_RESPONSE', inspect(answer))
  }
  t.equal(await store.get('miro:grant:3458764500000000001:1:2'), null)
})

t.test('a consent is kept by a connect over an active grant, and new after a disconnect; links and clients follow it', async (t) => {
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
  t.same(await auth.grants('user-1'), [], 'a stale link does not serve somebody else\'s grant')
  t.equal((await auth.grants('user-2')).length, 1)
  t.equal(await codeOf(client.accessToken()), 'MIRO_NOT_CONNECTED')
})

t.test('adopt asks Miro whose tokens they are', async (t) => {
  const { process, miro, clock } = createWorld()
  const auth = process()
  const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(miro.issue()) as Record<string, string>
  const tokens = { accessToken: String(accessToken), refreshToken: String(refreshToken), expiresAt: clock.now() + hour, appUserId: 'user-1' }
  const { grant } = await auth.adopt(tokens)
  t.match(grant, { ...ref, userName: 'Ada', teamName: 'Acme', scopes: ['boards:read'] })
  t.equal(await auth.accessToken(ref), 'access-1')
  t.equal((await auth.grants('user-1')).length, 1)
  await auth.disconnect(ref)
  t.equal(await codeOf(auth.adopt(tokens)), 'MIRO_REAUTHORIZE', 'a dead token is nobody\'s')
  miro.answer = () => envelope(500, 'x')
  t.equal(await codeOf(auth.adopt(tokens)), 'MIRO_UNAVAILABLE')
})

t.test('learnNames stores the names Miro tells, and only of the same grant', async (t) => {
  const { process, miro } = createWorld()
  const auth = process()
  await auth.connect(miro.issue())
  miro.answer = () => json(200, { user: { id: 'other', name: 'Eve' }, team: { id: ref.teamId, name: 'Acme' } })
  t.notOk((await auth.fetchNames(ref))?.userName)
  miro.answer = () => undefined
  t.equal((await auth.fetchNames(ref))?.userName, 'Ada')
  t.equal((await auth.snapshot(ref)).grant?.teamName, 'Acme')
})

t.test('no event, error, client or snapshot shows a token, a secret or Miro\'s words', async (t) => {
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
