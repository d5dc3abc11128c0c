import t from 'tap'
import { createFakeClock } from '../src/testing/fake-clock.js'
import { attemptMs, backOffMs } from '../src/rest/repeat.js'
import { empty, errorOf, json, standIn, type Answer } from './fixtures/stand-in.js'

const lost: Answer = () => { throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }) }
const silent: Answer = () => new Promise(() => {})
const down = json({}, { status: 503 })

/** Runs a call to its end, and says how long it took. */
async function run (answers: Answer[], call: { method: string, idempotent?: boolean, signal?: AbortSignal }): Promise<{
  result: unknown
  sent: number
  ms: number
}> {
  const clock = createFakeClock()
  const { client, sent } = standIn(answers, { clock })
  const ended: number[] = []
  const result = client.json('/v2/boards/a', call).then((value) => ({ value }), (error: unknown) => error)
    .finally(() => { ended.push(clock.monotonic()) })
  while (ended.length === 0 && clock.monotonic() < 60_000) await clock.advance(250)
  return { result: await result, sent: sent.length, ms: ended[0] ?? -1 }
}

t.test('retries: GET, PUT and DELETE are sent three times at most, after 250 ms and a second', async (t) => {
  for (const method of ['GET', 'PUT', 'DELETE', 'HEAD']) {
    for (const failure of [lost, down, json({}, { status: 500 }), json({}, { status: 408 })]) {
      const healed = await run([failure, failure, json({ id: 'a' })], { method })
      t.strictSame([healed.result, healed.sent, healed.ms], [{ value: { id: 'a' } }, 3, 1250], method)
      t.equal((await run([failure], { method })).sent, 3)
    }
  }
})

t.test('retries: the last failure is what the caller gets', async (t) => {
  t.match((await run([lost, lost, down], { method: 'GET' })).result, { code: 'MIRO_API', miroStatus: 503 })
  t.match((await run([down, down, lost], { method: 'GET' })).result, { code: 'MIRO_UNAVAILABLE' })
})

t.test('retries: POST and PATCH are sent once, unless the caller says that they are safe', async (t) => {
  for (const method of ['POST', 'PATCH']) {
    for (const failure of [lost, down, silent]) t.equal((await run([failure, json({})], { method })).sent, 1, method)
    t.strictSame((await run([down, lost, json({})], { method, idempotent: true })).result, { value: {} })
  }
  t.equal((await run([down], { method: 'GET', idempotent: false })).sent, 1)
})

t.test('retries: an answer that will not change is not asked for again', async (t) => {
  for (const status of [400, 401, 403, 404, 409, 413, 422]) t.equal((await run([json({}, { status })], { method: 'GET' })).sent, 1)
  t.equal((await run([() => new Response('<html>')], { method: 'GET' })).sent, 1)
})

t.test('retries: a call ends within its limit, of which a silent Miro gets a half, a quarter and the rest', async (t) => {
  const all = await run([silent], { method: 'GET' })
  t.match(all.result, { code: 'MIRO_UNAVAILABLE', cause: { message: 'Miro did not answer within 30000 ms.' } })
  t.equal(all.sent, 3)
  t.ok(all.ms > 29_000 && all.ms <= 30_000, String(all.ms))
  const healed = await run([silent, json({ id: 'a' })], { method: 'GET' })
  t.strictSame([healed.result, healed.ms], [{ value: { id: 'a' } }, 15_250])
  t.equal((await run([silent], { method: 'POST' })).ms, 30_000)
})

t.test('retries: a repeated DELETE that finds nothing has succeeded, and a first one has not', async (t) => {
  const gone = json({ code: 'notFound' }, { status: 404 })
  t.strictSame((await run([lost, gone], { method: 'DELETE' })).result, { value: undefined })
  t.strictSame((await run([empty()], { method: 'DELETE' })).result, { value: undefined })
  t.match((await run([gone], { method: 'DELETE' })).result, { miroStatus: 404 })
  t.match((await run([lost, gone], { method: 'GET' })).result, { miroStatus: 404 })
})

t.test('retries: a signal ends the wait, and nothing is sent after it', async (t) => {
  const clock = createFakeClock()
  const { client, sent } = standIn([down], { clock })
  const controller = new AbortController()
  const call = errorOf(client.json('/v2/boards/a', { signal: controller.signal }))
  await clock.advance(100)
  const reason = new Error('left')
  controller.abort(reason)
  t.equal(await call, reason)
  await clock.advance(10_000)
  t.equal(sent.length, 1)
})

t.test('retries: the decision', async (t) => {
  const failure = { status: 500, isRepeatable: true, repeats: 0, leftMs: 1000, jitter: 0 }
  t.equal(backOffMs(failure), 187.5)
  t.equal(backOffMs({ ...failure, jitter: 1 }), 312.5)
  t.equal(backOffMs({ ...failure, leftMs: 187 }), null)
  t.equal(backOffMs({ ...failure, repeats: 2 }), null)
  t.equal(backOffMs({ ...failure, status: 429 }), null)
  t.equal(attemptMs({ isRepeatable: true, repeats: 2, leftMs: 1000 }), 1000)
})

t.test('close: a back-off ends with the last failure, and nothing is sent after it', async (t) => {
  const clock = createFakeClock()
  const closing = new AbortController()
  const { client, sent } = standIn([down], { clock, closing: closing.signal })
  const call = errorOf(client.json('/v2/boards/a'))
  await clock.advance(100)
  closing.abort()
  t.match(await call, { miroStatus: 503 })
  await clock.advance(10_000)
  t.equal(sent.length, 1)
})
