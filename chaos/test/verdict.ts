import t from 'tap'
import type { Death, Delivery, PairRecord } from '@miro-oauth/emulator'
import type { ProcessLifetime } from '../src/fleet/process-lifetime.js'
import type { Facts, ResolvedGrant } from '../src/judge/facts.js'
import { judgeGrant } from '../src/judge/judge-grant.js'
import { judgeLimits } from '../src/judge/judge-limits.js'
import type { Verdict } from '../src/judge/verdict.js'
import type { Pair, TokenRequest } from '../src/miro/request-log.js'

const ada = 'ada'
const now = 1_000_000
const limits = judgeLimits({ leaseMs: 120_000, requestMs: 100_000 }, 5000)

/** A request that was answered 10 ms after its arrival. */
function request (process: string, arrivedAt: number, rest: Partial<TokenRequest> = {}): TokenRequest {
  return {
    id: `${process}:${arrivedAt}`,
    process,
    kind: 'refresh',
    presented: null,
    arrivedAt,
    decidedAt: arrivedAt + 10,
    gave: null,
    answerLost: null,
    answerDelayMs: 0,
    ...rest
  }
}

interface PairOptions extends Partial<PairRecord> {
  by?: TokenRequest
  storedAt?: number | null
}

function pair (id: number, { by, storedAt = null, ...rest }: PairOptions): Pair {
  const delivery: Delivery = 'written'
  const owner = { clientId: 'app', userId: ada, teamId: 'team', scopes: [] }
  const origin = { family: 1, refreshOf: null, givenBy: id, givenAt: 0 }
  const record = { id, ...owner, ...origin, delivery, endedEarly: false, death: null, ...rest }
  return { record, request: by, storedAt }
}

function lifetime (id: string, rest: Partial<ProcessLifetime> = {}): ProcessLifetime {
  return { id, killedAt: null, endedAt: null, stops: [], ...rest }
}

function died (cause: Death['cause'], by: number): Death {
  return { cause, by, at: 0 }
}

interface Case {
  pairs: Pair[]
  stored?: ResolvedGrant
  expected?: Facts['expected']
  lifetimes?: ProcessLifetime[]
  /** The requests by the ledger's number. */
  requests?: Record<number, TokenRequest>
  storeUpSince?: number
}

/** Where the case does not say otherwise, Ada is connected, the store holds the first pair, and p1 and p2 run. */
function verdictOn ({ pairs, requests = {}, lifetimes = [lifetime('p1'), lifetime('p2')], ...rest }: Case): Verdict {
  return judgeGrant({
    userId: ada,
    expected: { state: 'connected', family: 1 },
    stored: { state: 'active', pair: pairs[0] },
    storeUpSince: 0,
    ...rest,
    pairs,
    requestOf: (id) => requests[id ?? 0],
    pairOf: (id) => pairs.find(({ record }) => record.id === id),
    lifetimeOf: (id) => lifetimes.find((one) => one.id === id),
    now,
    limits
  })
}

const avoidable = { fate: 'lost', avoidable: true } as const
const unavoidable = { fate: 'lost', avoidable: false } as const

/** Pair 1 is stored, but was rotated to pair 2 by this request. */
function rotated (by: TokenRequest, rest: Partial<Case> = {}, storedAt: number | null = null): Case {
  const spent = pair(1, { death: died('rotated', 2), storedAt: 1 })
  return { pairs: [spent, pair(2, { by, refreshOf: 1, storedAt })], ...rest }
}

t.test('judge: a stored live pair is alive, and no active record after a disconnect is disconnected', async (t) => {
  const expected = { state: 'disconnected' } as const
  t.same(verdictOn({ pairs: [pair(1, {})] }), { fate: 'alive' })
  t.same(verdictOn({ pairs: [], stored: { state: 'disconnected' }, expected }), { fate: 'disconnected' })
  t.same(verdictOn({ pairs: [], stored: { state: 'absent' }, expected }), { fate: 'disconnected' })
})

t.test('judge: every violation is reported as what it is', async (t) => {
  t.match(verdictOn({ pairs: [pair(1, {})], expected: { state: 'disconnected' } }), { fate: 'resurrected' })
  const second = { state: 'connected', family: 2 } as const
  t.match(verdictOn({ pairs: [pair(1, {}), pair(2, { family: 2 })], expected: second }), { fate: 'wrong epoch' })
  t.match(verdictOn({ pairs: [pair(1, { userId: 'bob' })] }), { fate: 'foreign token' })
  t.match(verdictOn({ pairs: [], stored: { state: 'disconnected' } }), avoidable)
  t.match(verdictOn({ pairs: [], stored: { state: 'absent' } }), avoidable)
  const lifetimes = [lifetime('p1', { killedAt: 900_200 })]
  const by = request('p1', 900_000)
  t.match(verdictOn({ pairs: [pair(1, { by, storedAt: 900_100 })], stored: { state: 'absent' }, lifetimes }), avoidable)
  t.match(verdictOn({ pairs: [pair(1, { by })], stored: { state: 'absent' }, lifetimes }), unavoidable)
  t.match(verdictOn({ pairs: [], stored: { state: 'active', pair: undefined } }), avoidable)
  t.match(verdictOn({ pairs: [pair(1, { death: died('revoked', 3) })] }), avoidable)
  const alive = pair(1, { by })
  t.match(verdictOn({ pairs: [alive], stored: { state: 'rejected', pair: alive }, lifetimes }), avoidable)
})

t.test('judge: a process killed before its commit, and a lost answer, excuse the loss of the pair', async (t) => {
  const by = request('p1', 900_000, { gave: 2 })
  const killed = lifetime('p1', { killedAt: 900_200, endedAt: 900_201 })
  t.match(verdictOn(rotated(by, { lifetimes: [killed] })), { ...unavoidable, ageMs: 200 })
  t.match(verdictOn(rotated(request('p1', 900_000, { gave: 2, answerLost: 'cut' }))), unavoidable)
})

t.test('judge: a kill excuses neither a pair that was stored before, nor the pair of another process', async (t) => {
  const by = request('p1', 900_000, { gave: 2 })
  const killed = lifetime('p1', { killedAt: 900_200, endedAt: 900_201 })
  t.match(verdictOn(rotated(by, { lifetimes: [killed] }, 900_100)), avoidable)
  t.match(verdictOn(rotated(by, { lifetimes: [lifetime('p1'), lifetime('p2', { killedAt: 900_200 })] })), avoidable)
})

t.test('judge: a process that ended by itself has no excuse, and a running one gets time to store', async (t) => {
  const undecided = { fate: 'undecided' } as const
  const by = request('p1', 900_000, { gave: 2 })
  const recent = request('p1', now - 3000, { gave: 2 })
  t.match(verdictOn(rotated(recent, { lifetimes: [lifetime('p1', { endedAt: now - 2000 })] })), avoidable)
  t.match(verdictOn(rotated(by)), avoidable)
  t.match(verdictOn(rotated(recent)), undecided)
  t.match(verdictOn(rotated(request('p1', now - 40_000, { gave: 2, answerDelayMs: 38_000 }))), undecided)
  t.match(verdictOn(rotated(by, { storeUpSince: now - 1000 })), undecided)
  const stopped = lifetime('p1', { stops: [{ from: now - 29_000, to: null }] })
  t.match(verdictOn(rotated(request('p1', now - 30_000, { gave: 2 }), { lifetimes: [stopped] })), undecided)
})

t.test('judge: a stop is an excuse only if the lease could expire in it', async (t) => {
  const stoppedFor = (arrivedAt: number, ...stops: Array<{ from: number, to: number }>): Verdict =>
    verdictOn(rotated(request('p1', arrivedAt, { gave: 2 }), { lifetimes: [lifetime('p1', { stops })] }))
  t.match(stoppedFor(800_000, { from: 800_100, to: 840_000 }, { from: 850_000, to: 890_000 }), unavoidable)
  t.match(stoppedFor(800_000, { from: 800_100, to: 804_000 }), avoidable)
  t.match(stoppedFor(930_000, { from: 930_100, to: 960_000 }), avoidable)
})

/** Pair 1 was rotated to pair 2 by the first request, and presented again by the second: Miro ended pair 2. */
function reused (first: TokenRequest, second: TokenRequest, rest: Partial<Case> = {}): Case {
  const again = { ...second, presented: 1 }
  const pairs = [
    pair(1, { death: died('rotated', 2) }),
    pair(2, { by: first, refreshOf: 1, death: died('reused', 3) })
  ]
  return { pairs, requests: { 2: { ...first, presented: 1, gave: 2 }, 3: again }, ...rest }
}

t.test('judge: presenting a token twice needs an excuse from before the second time', async (t) => {
  const second = request('p2', 900_000)
  const lost = request('p1', 899_000, { answerLost: 'drop' })
  const lostLater = request('p1', 899_000, { answerLost: 'drop', answerDelayMs: 5000 })
  t.match(verdictOn(reused(request('p1', 899_000), second)), avoidable)
  t.match(verdictOn(reused(lost, second)), unavoidable)
  t.match(verdictOn(reused(lostLater, second)), avoidable, 'the answer was lost after the second request')
  const killed = (killedAt: number): Partial<Case> => ({ lifetimes: [lifetime('p1', { killedAt }), lifetime('p2')] })
  const early = request('p1', 770_000)
  t.match(verdictOn(reused(early, second, killed(770_500))), { ...unavoidable, ageMs: 500 })
  const killedLater = reused(request('p1', 899_000), second, killed(900_500))
  t.match(verdictOn(killedLater), avoidable, 'the process was killed after the second request')
  t.match(verdictOn(reused(second, early, killed(770_500))), unavoidable, 'Miro acted first on the later arrival')
})
