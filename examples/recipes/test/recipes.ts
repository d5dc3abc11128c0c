import { memoryStore, type MiroEvent } from '@miro-oauth/fastify'
import { signInAs } from '@miro-oauth/fastify/testing'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { fingerprintsOf, logGrants } from '../src/grant-in-log.js'
import { registerHealth } from '../src/health.js'
import { createMetrics, registerMetrics } from '../src/metrics.js'
import { exchange, startApp, startEmulator } from './fixtures/world.js'

const hour = 3_600_000

t.test('health: ready depends on the store, and not on Miro', async (t) => {
  const emulator = await startEmulator(t)
  emulator.set({ refusals: 'rfc' })
  const inner = memoryStore()
  let trouble: (() => Promise<never>) | null = null
  const lines: string[] = []
  const app = await startApp(t, emulator, {
    miro: { store: { ...inner, get: (key) => trouble === null ? inner.get(key) : trouble() } },
    logger: { stream: { write: (line: string) => { lines.push(line) } } }
  })
  registerHealth(app)
  const ask = async (path: string): Promise<[number, unknown]> => {
    const { statusCode, body } = await app.inject(`/health/${path}`)
    return [statusCode, JSON.parse(body)]
  }
  t.same(await ask('ready'), [200, { status: 'ok' }])
  const { grant } = await app.miro.auth.connect(await exchange(emulator))
  emulator.clock.advance(hour)
  emulator.faults.add({ do: 'refuse', as: 'client', on: 'token' })
  await t.rejects(app.miro.auth.accessToken(grant))
  t.match(lines.join(''), /breaker opened/)
  t.same(await ask('ready'), [200, { status: 'ok' }], 'while the breaker is open')
  lines.length = 0
  const failures: Record<string, () => Promise<never>> = {
    fails: async () => { throw new Error('password of the store') },
    hangs: () => new Promise(() => {})
  }
  for (const [name, failure] of Object.entries(failures)) {
    trouble = failure
    const startedAt = performance.now()
    t.same(await ask('ready'), [503, { status: 'unavailable' }], `while the store ${name}; the answer has no reason`)
    t.ok(performance.now() - startedAt < 30_000)
    t.same(await ask('live'), [200, { status: 'ok' }])
  }
  t.equal(lines.filter((line) => line.includes('not ready')).length, 2)
  trouble = null
  t.same(await ask('ready'), [200, { status: 'ok' }], 'once the store answers again')
})

/** The value of a series at `/metrics`. */
async function valueOf (app: FastifyInstance, series: string): Promise<number> {
  const { body } = await app.inject('/metrics')
  return Number(body.split('\n').find((line) => line.startsWith(`${series} `))?.split(' ')[1] ?? NaN)
}

t.test('metrics: they count what happened to grants, and name no grant', async (t) => {
  const emulator = await startEmulator(t)
  emulator.set({ refusals: 'rfc' })
  const { onEvent, registry } = createMetrics()
  const app = await startApp(t, emulator, { miro: { onEvent } })
  registerMetrics(app, registry)
  const { auth } = app.miro
  const { grant } = await auth.connect(await exchange(emulator))
  const other = await auth.connect(await exchange(emulator, 1))
  for (let times = 0; times < 2; times++) {
    emulator.clock.advance(hour)
    await auth.accessToken(grant)
  }
  emulator.faults.add({ do: 'answer', status: 429, on: 'token' })
  await t.rejects(auth.accessToken(other.grant))
  emulator.clock.advance(hour)
  emulator.faults.add({ do: 'refuse', on: 'token' })
  await t.rejects(auth.accessToken(other.grant))
  await auth.disconnect(grant)
  for (const [series, value] of Object.entries({
    'miro_grants_total{change="connected"}': 2,
    'miro_grants_total{change="disconnected"}': 1,
    'miro_refreshes_total{outcome="ok"}': 2,
    'miro_refreshes_total{outcome="throttled"}': 1,
    'miro_rejected_total{reason="refused"}': 1,
    miro_refresh_seconds_count: 2,
    miro_breaker_open: 0
  })) t.equal(await valueOf(app, series), value, series)
  const { body, headers } = await app.inject('/metrics')
  t.match(headers['content-type'], 'text/plain; version=0.0.4')
  for (const ref of [grant, other.grant]) t.notOk(body.includes(auth.fingerprint(ref)) || body.includes(ref.userId))
})

t.test('metrics: every event is counted', async (t) => {
  const grant = 'fingerprint'
  const events: { [Type in MiroEvent['type']]: MiroEvent & { type: Type } } = {
    connected: { type: 'connected', grant, replaced: true },
    disconnected: { type: 'disconnected', grant, revoked: false },
    revocation_pending: { type: 'revocation_pending', grant },
    refreshed: { type: 'refreshed', grant, durationMs: 300, late: true },
    refresh_failed: {
      type: 'refresh_failed', grant, verdict: 'ambiguous', status: 503, errorCode: null, willRetry: true
    },
    refresh_dropped: { type: 'refresh_dropped', grant, why: 'gone' },
    lease_taken_over: { type: 'lease_taken_over', grant },
    rejected: { type: 'rejected', grant, reason: 'response_lost' },
    token_refused: { type: 'token_refused', grant },
    rate_limited: { type: 'rate_limited', grant, waitMs: 1000, limit: 100_000 },
    rate_limit_waited: { type: 'rate_limit_waited', grant, waitedMs: 1000, calls: 3 },
    commit_delayed: { type: 'commit_delayed', grant },
    breaker_opened: { type: 'breaker_opened' },
    breaker_closed: { type: 'breaker_closed' }
  }
  const { onEvent, registry } = createMetrics()
  for (const event of Object.values(events)) {
    const before = await registry.metrics()
    onEvent(event)
    t.not(await registry.metrics(), before, event.type)
  }
  t.notOk((await registry.metrics()).includes(grant))
})

t.test('log: the fingerprint of a grant finds its events and its requests', async (t) => {
  const emulator = await startEmulator(t)
  const lines: string[] = []
  const stream = { write: (line: string) => { lines.push(line) } }
  const app = await startApp(t, emulator, { logger: { level: 'debug', stream } })
  logGrants(app)
  app.get('/boards', { preHandler: app.miro.requireGrant }, (request) => request.miro.boards.list())
  app.get('/public', async () => 'nothing')
  const people = await Promise.all([0, 1].map(async (index) => {
    const answer = JSON.parse(await exchange(emulator, index)) as Record<string, string>
    const person = { userId: String(answer['user_id']), teamId: String(answer['team_id']) }
    const tokens = {
      accessToken: String(answer['access_token']),
      refreshToken: String(answer['refresh_token']),
      expiresInMs: hour
    }
    return { ...person, cookies: await signInAs(app, { ...person, tokens }) }
  }))
  const [first] = people
  if (first === undefined) return
  const { grant, consentId } = await app.miro.auth.snapshot(first)
  if (grant === null || consentId === null) throw new Error('There is no grant.')
  await app.miro.auth.link('user-1', { grant, consentId })
  const [fingerprint = 'none', ...others] = await fingerprintsOf(app, 'user-1')
  t.same(others, [])
  emulator.clock.advance(hour)
  emulator.faults.add({ do: 'answer', status: 429, on: 'token', times: Infinity })
  lines.length = 0
  for (const { cookies } of people) t.equal((await app.inject({ url: '/boards', cookies })).statusCode, 503)
  t.equal((await app.inject('/public')).body, 'nothing')
  const found = lines
    .filter((line) => line.includes(`"grant":"${fingerprint}"`))
    .map((line) => JSON.parse(line) as { msg: string, err?: { code: string } })
  t.ok(found.some(({ msg }) => msg === 'miro refresh failed'), 'what happened to the grant')
  const failed = found.filter(({ err }) => err?.code === 'MIRO_UNAVAILABLE')
  t.equal(failed.length, 1, 'and the request that failed for it, but not the other person\'s')
})
