import t from 'tap'
import { createMiroAuth } from '../src/create-miro-auth.js'
import { EventSink, type MiroEvent } from '../src/events.js'
import { createFakeClock, type FakeClock } from '../src/testing/fake-clock.js'
import { exactIds } from '../src/rest/exact-ids.js'
import { pauseAfterMs, type AnswerHead } from '../src/rest/limits/pause.js'
import { RateLimits } from '../src/rest/limits/rate-limits.js'
import { withRateLimit } from '../src/rest/limits/with-rate-limit.js'
import type { MiroClient } from '../src/rest/client.js'
import { memoryStore } from '../src/store/memory-store.js'
import { errorOf, standIn, type Answer, type Sent } from './fixtures/stand-in.js'

const now = 1_800_000_000_000

/** A 429 whose reset is so many milliseconds ahead. */
function limited (clock: FakeClock, ms: number): Response {
  const headers = { 'x-ratelimit-limit': '100000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String((clock.now() + ms) / 1000) }
  return Response.json({ status: 429, code: 'tooManyRequests', type: 'error' }, { status: 429, headers })
}

interface World {
  clock: FakeClock
  events: MiroEvent[]
  rateLimits: RateLimits
  of: (userId: string, ...answers: Answer[]) => { client: MiroClient, sent: Sent[] }
}

function world (limits = {}, closing?: AbortSignal): World {
  const clock = createFakeClock(now)
  const events: MiroEvent[] = []
  const sink = new EventSink((event) => { events.push(event) }, ({ userId }) => userId)
  const rateLimits = new RateLimits({ clock, jitter: () => 0.5, events: sink, closing })
  return {
    clock,
    events,
    rateLimits,
    of: (userId, ...answers) => standIn(answers, { clock, rateLimits, limits, ref: { userId, teamId: 't' } })
  }
}

const nameOf = ({ body }: Sent): string => (JSON.parse(String(body)) as { data: { content: string } }).data.content

t.test('limits: 500 creates that meet three 429s end in order, and another grant is not delayed', async (t) => {
  for (const together of [true, false]) {
    const { clock, events, of } = world()
    const done: string[] = []
    const refusals = new Set([100, 101, 350])
    let requests = 0
    const { client } = of('ada', (sent) => {
      if (refusals.has(requests++)) return limited(clock, 20_000)
      done.push(nameOf(sent))
      return Response.json({ id: '1', type: 'sticky_note' })
    })
    const other = of('grace', () => Response.json({ id: 'b', name: 'B' }))
    const { create } = client.board('b').stickyNotes
    const names = Array.from({ length: 500 }, (_, index) => String(index))
    const creates = together
      ? Promise.all(names.map(async (content) => create({ data: { content } })))
      : names.reduce(async (last, content) => { await last; await create({ data: { content } }) }, Promise.resolve())
    await clock.advance(1)
    const before = clock.monotonic()
    t.equal((await other.client.boards.get('b')).id, 'b')
    t.equal(clock.monotonic(), before, 'another grant does not wait')
    await clock.advance(70_000)
    await creates
    t.equal(done.length, 500)
    if (!together) t.strictSame(done, names)
    t.strictSame([...done].sort((a, b) => Number(a) - Number(b)), names, 'each was created once')
    t.ok(events.every((event) => 'grant' in event && event.grant === 'ada'))
    if (!together) t.equal(events.filter(({ type }) => type === 'rate_limited').length, 3)
  }
})

t.test('limits: calls that wait go in the order in which they came, the first one ahead of the others', async (t) => {
  const { clock, events, of } = world()
  let requests = 0
  const held: Array<() => void> = []
  const { client, sent } = of('ada', () => {
    if (requests++ === 0) return limited(clock, 10_000)
    return new Promise((resolve) => { held.push(() => resolve(Response.json({ id: '1' }))) })
  })
  const calls = ['a', 'b', 'c', 'd'].map(async (content) => {
    if (content !== 'a') await clock.wait(1000)
    return client.board('b').stickyNotes.create({ data: { content } })
  })
  await clock.advance(10_200)
  t.equal(sent.length, 1, 'nothing is sent before the reset and its jitter')
  await clock.advance(100)
  t.strictSame(sent.map(nameOf), ['a', 'a'])
  held.shift()?.()
  await clock.advance(0)
  t.strictSame(sent.map(nameOf), ['a', 'a', 'b', 'c', 'd'])
  for (const let_ of held) let_()
  await Promise.all(calls)
  t.strictSame(events, [
    { type: 'rate_limited', grant: 'ada', waitMs: 10_250, limit: 100_000 },
    { type: 'rate_limit_waited', grant: 'ada', waitedMs: 10_250, calls: 4 }
  ])
})

t.test('limits: where the limit still holds, the first call alone meets it, and stays the first', async (t) => {
  const { clock, events, of } = world()
  let requests = 0
  const { client, sent } = of('ada', () => ++requests < 3 ? limited(clock, 10_000) : Response.json({ id: '1' }))
  const { create } = client.board('b').stickyNotes
  const calls = [create({ data: { content: 'a' } })]
  await clock.advance(1)
  for (const content of ['b', 'c']) calls.push(create({ data: { content } }))
  await clock.advance(15_000)
  t.strictSame(sent.map(nameOf), ['a', 'a'])
  await clock.advance(10_000)
  t.strictSame(sent.map(nameOf), ['a', 'a', 'a', 'b', 'c'])
  await Promise.all(calls)
  t.equal(events.filter(({ type }) => type === 'rate_limited').length, 2)
})

t.test('limits: clients of one grant share its limit', async (t) => {
  const { clock, of } = world()
  const board = Response.json({ id: 'a', name: 'A' })
  const first = of('ada', () => limited(clock, 30_000), () => board)
  const call = first.client.boards.get('a')
  await clock.advance(1)
  const second = of('ada', () => Response.json({ id: 'a', name: 'A' }))
  const other = second.client.boards.get('a')
  await clock.advance(20_000)
  t.equal(second.sent.length, 0)
  await clock.advance(20_000)
  t.strictSame([(await call).id, (await other).id], ['a', 'a'])
})

t.test('limits: a call that would wait too long gets its 429, and those after it are not sent', async (t) => {
  const { clock, of } = world({ rateLimitWaitMs: 5000 })
  const { client, sent } = of('ada', () => limited(clock, 30_000))
  t.match(await errorOf(client.boards.get('a')), { miroStatus: 429, miroCode: 'tooManyRequests', headers: { 'retry-after': '30' } })
  t.match(await errorOf(client.boards.get('a')), { miroStatus: 429, template: '/v2/boards/{board_id}', headers: { 'retry-after': '31' } })
  t.equal(sent.length, 1)
  await clock.advance(31_000)
  await errorOf(client.boards.get('a'))
  t.equal(sent.length, 2)
  const off = world({ rateLimitWaitMs: 0 })
  const plain = off.of('ada', () => limited(off.clock, 30_000))
  for (let turn = 0; turn < 3; turn++) t.match(await errorOf(plain.client.boards.get('a')), { miroStatus: 429 })
  t.equal(plain.sent.length, 3, 'with 0, each call is sent')
})

t.test('limits: a reset that is missing or past becomes a back-off, which ends with the time to wait', async (t) => {
  const { clock, of } = world()
  const { client, sent } = of('ada', () => new Response('{}', { status: 429 }))
  const call = errorOf(client.boards.get('a'))
  const at: number[] = []
  for (let second = 0; second < 85; second += 0.25) {
    if (sent.length > at.length) at.push(clock.monotonic())
    await clock.advance(250)
  }
  t.match(await call, { miroStatus: 429 })
  t.strictSame(at.map((ms) => Math.round(ms / 1000)), [0, 1, 4, 8, 16, 32, 65])
})

t.test('limits: a signal ends the wait, and leaves no timer', async (t) => {
  const { clock, of } = world()
  let pending = 0
  const { wait } = clock
  clock.wait = async (ms, signal) => { pending++; await wait(ms, signal).finally(() => { pending-- }) }
  const { client, sent } = of('ada', () => limited(clock, 10_000))
  const controller = new AbortController()
  const call = errorOf(client.boards.get('a', { signal: controller.signal }))
  await clock.advance(100)
  const reason = new Error('left')
  controller.abort(reason)
  t.equal(await call, reason)
  t.equal(await errorOf(client.boards.get('a', { signal: controller.signal })), reason)
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(pending, 0)
  await clock.advance(60_000)
  t.equal(sent.length, 1)
})

t.test('limits: a call in the line is refused as soon as the pause is longer than it may wait', async (t) => {
  const { clock, of } = world({ rateLimitWaitMs: 60_000 })
  const { client, sent } = of('ada', () => limited(clock, 20_000))
  const ended: number[] = []
  const calls = Array.from({ length: 8 }, async () => {
    const error = await errorOf(client.boards.get('a'))
    ended.push(clock.monotonic())
    return error
  })
  await clock.advance(1)
  const late = errorOf(client.boards.get('a'))
  await clock.advance(400_000)
  t.match(await Promise.all([...calls, late]), Array.from({ length: 9 }, () => ({ miroStatus: 429 })))
  t.ok(Math.max(...ended) <= 60_000, String(ended))
  t.ok(sent.length <= 8 + 3, 'one call meets the limit at each reset')
})

t.test('limits: a reset a full minute ahead is waited for', async (t) => {
  for (const ahead of [60_000, 61_000]) {
    const { clock, of } = world()
    const { client } = of('ada', () => limited(clock, ahead), () => Response.json({ id: 'a', name: 'A' }))
    const call = client.boards.get('a')
    await clock.advance(62_000)
    t.equal((await call).id, 'a')
  }
})

t.test('limits: a first call that is never answered holds the others back for 5 s, which count as their wait', async (t) => {
  const { clock, of } = world()
  let requests = 0
  const { client, sent } = of('ada', () => {
    requests++
    if (requests === 1) return limited(clock, 10_000)
    return requests === 2 ? new Promise(() => {}) : Response.json({ id: 'a', name: 'A' })
  })
  const hung = withRateLimit(client.fetch)('/v2/boards')
  hung.catch(() => {})
  await clock.advance(1)
  const other = client.boards.get('a')
  const hasty = errorOf(withRateLimit(client.fetch, { maxWaitMs: 12_000 })('/v2/boards'))
  await clock.advance(12_100)
  t.match(await hasty, { miroStatus: 429 })
  t.equal(sent.length, 2)
  await clock.advance(3200)
  t.equal((await other).id, 'a')
  t.equal((await client.boards.get('a')).id, 'a', 'the line is open')
})

t.test('close: calls that wait for a limit end with MIRO_CLOSED, and none is sent after it', async (t) => {
  const closing = new AbortController()
  const { clock, of, rateLimits } = world({}, closing.signal)
  let pending = 0
  const { wait } = clock
  clock.wait = async (ms, signal) => { pending++; await wait(ms, signal).finally(() => { pending-- }) }
  const { client, sent } = of('ada', () => limited(clock, 10_000))
  const calls = [client.boards.get('a'), client.boards.get('b'), withRateLimit(client.fetch)('/v2/boards')].map(errorOf)
  await clock.advance(1)
  closing.abort()
  t.match(await Promise.all(calls), [{ code: 'MIRO_CLOSED' }, { code: 'MIRO_CLOSED' }, { code: 'MIRO_CLOSED' }])
  t.match(await errorOf(client.boards.get('a')), { code: 'MIRO_CLOSED' })
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(pending, 0, 'no timer holds the process')
  const before = sent.length
  await clock.advance(100_000)
  t.equal(sent.length, before)
  t.ok(rateLimits.of({ userId: 'ada', teamId: 't' }).isIdle)
})

t.test('close: empties the lines of all grants', async (t) => {
  const clock = createFakeClock(now)
  const fetch = async (): Promise<Response> => limited(clock, 10_000)
  const auth = createMiroAuth({ clientId: '1', clientSecret: 'secret', store: memoryStore(), clock, fetch })
  const { grant } = await auth.connect({
    user_id: '7', team_id: '8', access_token: 'a', refresh_token: 'r', expires_in: 3600, scope: 'boards:read', token_type: 'bearer'
  })
  const call = errorOf(auth.client(grant).boards.get('a'))
  await clock.advance(1)
  await auth.close()
  t.match(await call, { code: 'MIRO_CLOSED' })
})

t.test('limits: a thousand calls wait, and the next one gets a 429', async (t) => {
  const { clock, of } = world()
  let isOpen = false
  const { client, sent } = of('ada', () => isOpen ? Response.json({ id: 'a', name: 'A' }) : limited(clock, 10_000))
  const first = client.boards.get('a')
  await clock.advance(1)
  const waiting = Array.from({ length: 999 }, async () => client.boards.get('a'))
  await clock.advance(1)
  t.match(await errorOf(client.boards.get('a')), { miroStatus: 429, headers: { 'retry-after': '11' } })
  t.equal(sent.length, 1)
  isOpen = true
  await clock.advance(11_000)
  t.equal((await Promise.all([first, ...waiting])).length, 1000)
})

t.test('limits: an answer that says that no credits are left holds the next call back', async (t) => {
  const { clock, of } = world()
  const { client, sent } = of('ada', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(clock.now() + 5000) }
    return Response.json({ id: 'a', name: 'A' }, { headers })
  })
  await client.boards.get('a')
  const next = client.boards.get('a')
  await clock.advance(5000)
  t.equal(sent.length, 1)
  await clock.advance(300)
  t.equal((await next).id, 'a')
})

t.test('limits: a DELETE that was sent without a clear answer before a 429 has succeeded where it then finds nothing', async (t) => {
  for (const isUnclear of [true, false]) {
    const { clock, of } = world()
    const answers = [() => limited(clock, 1000), () => new Response('{}', { status: 404 })]
    if (isUnclear) answers.unshift(() => new Response('{}', { status: 503 }))
    const call = errorOf(of('ada', ...answers).client.board('b').delete())
    await clock.advance(5000)
    t.match(await call, isUnclear ? null : { miroStatus: 404 })
  }
})

t.test('limits: a first call that fails lets the others go', async (t) => {
  const { clock, of } = world()
  let requests = 0
  const { client } = of('ada', () => {
    if (++requests === 1) return limited(clock, 1000)
    if (requests === 2) throw new TypeError('fetch failed')
    return Response.json({ id: 'a' })
  })
  const { create } = client.board('b').cards
  const first = errorOf(create({}))
  await clock.advance(1)
  const second = create({})
  await clock.advance(2000)
  t.match(await Promise.all([first, second]), [{ code: 'MIRO_UNAVAILABLE' }, { id: 'a' }])
})

t.test('limits: the pause', async (t) => {
  function head (status: number, headers: Record<string, string>): AnswerHead {
    return { status, headers: new Headers(headers) }
  }
  const at = { now, round: 0, jitter: 0 }
  t.equal(pauseAfterMs(head(429, { 'x-ratelimit-reset': String(now / 1000 + 9) }), at), 9000, 'in seconds')
  t.equal(pauseAfterMs(head(429, { 'x-ratelimit-reset': String(now + 9000) }), at), 9000, 'in milliseconds')
  t.equal(pauseAfterMs(head(429, { 'retry-after': '7' }), { ...at, jitter: 1 }), 7500)
  t.equal(pauseAfterMs(head(429, { 'x-ratelimit-reset': '5' }), at), 1000, 'past')
  t.equal(pauseAfterMs(head(429, { 'x-ratelimit-reset': String(now + 1) }), { ...at, round: 2 }), 4000, 'of no effect')
  t.equal(pauseAfterMs(head(429, { 'x-ratelimit-reset': '99999999999' }), at), 120_000, 'the year 5138')
  t.equal(pauseAfterMs(head(200, { 'x-ratelimit-remaining': '50', 'x-ratelimit-reset': String(now + 9000) }), at), null)
  for (const reset of ['1', 'x', '']) t.equal(pauseAfterMs(head(200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }), at), null)
})

t.test('limits: fetch returns its 429, and withRateLimit waits by the limit of the grant', async (t) => {
  const { clock, of } = world()
  let requests = 0
  const { client, sent } = of('ada', () => requests++ < 2 ? limited(clock, 10_000) : Response.json({ id: 'a', name: 'A' }))
  t.equal((await client.fetch('/v2/boards')).status, 429)
  const limitedFetch = withRateLimit(client.fetch)
  const request = new Request('https://api.miro.com/v2/boards', { method: 'POST', body: 'text' })
  const answer = limitedFetch(request)
  await clock.advance(1)
  const other = client.boards.get('a')
  await clock.advance(5000)
  t.equal(sent.length, 2, 'a JSON call of the grant waits as well')
  await clock.advance(6000)
  t.equal((await answer).status, 200)
  t.equal((await other).id, 'a')
  const bodies = sent.map(async ({ body }) => body === null ? null : new Response(body as string).text())
  t.strictSame(await Promise.all(bodies), [null, 'text', 'text', null])
})

t.test('limits: withRateLimit takes any fetch, and repeats no stream', async (t) => {
  const clock = createFakeClock(now)
  let requests = 0
  const plain = async (): Promise<Response> => requests++ === 0 ? limited(clock, 1000) : new Response('ok')
  const answer = withRateLimit(plain, { clock })('https://example.com')
  await clock.advance(2000)
  t.equal(await (await answer).text(), 'ok')
  const always = async (): Promise<Response> => limited(clock, 1000)
  t.equal((await withRateLimit(always, { clock })('https://example.com', { method: 'POST', body: new Blob(['x']).stream() })).status, 429)
  t.equal((await withRateLimit(always, { clock, maxWaitMs: 100 })('https://example.com')).status, 429)
})

t.test('limits: withRateLimit obeys the signal of a Request without a body while it waits', async (t) => {
  const clock = createFakeClock(now)
  const controller = new AbortController()
  const fetch = withRateLimit(async () => limited(clock, 10_000), { clock })
  const call = errorOf(fetch(new Request('https://example.com', { signal: controller.signal })))
  await clock.advance(1)
  const reason = new Error('left')
  controller.abort(reason)
  t.equal(await call, reason)
})

t.test('limits: of many grants the limits that are in use are kept', async (t) => {
  const { clock, rateLimits, of } = world()
  const { client } = of('ada', () => limited(clock, 30_000))
  client.boards.get('a').catch(() => {})
  await clock.advance(1)
  const kept = rateLimits.of({ userId: 'ada', teamId: 't' })
  const idle = rateLimits.of({ userId: 'idle', teamId: 't' })
  for (let user = 0; user < 10_001; user++) rateLimits.of({ userId: String(user), teamId: 't' })
  t.equal(rateLimits.of({ userId: 'ada', teamId: 't' }), kept)
  t.not(rateLimits.of({ userId: 'idle', teamId: 't' }), idle)
})

t.test('exactIds: an answer of JSON is written anew with exact ids, and others are left alone', async (t) => {
  const json = new Response('{"id":3074457345618261500,"n":1.5,"x":1e400}', { status: 201, headers: { 'content-type': 'application/json', 'content-length': '34', 'x-a': 'b' } })
  const answer = await exactIds.onResponse({ response: json })
  t.strictSame(await answer?.json(), { id: '3074457345618261500', n: 1.5, x: '1e400' })
  t.strictSame([answer?.status, answer?.headers.get('x-a'), answer?.headers.get('content-length')], [201, 'b', null])
  t.equal(await exactIds.onResponse({ response: new Response('x', { headers: { 'content-type': 'text/plain' } }) }), undefined)
  t.equal(await exactIds.onResponse({ response: new Response(null, { status: 204 }) }), undefined)
  t.equal(await (await exactIds.onResponse({ response: new Response('{"id":', { headers: { 'content-type': 'application/json' } }) }))?.text(), '{"id":')
})
