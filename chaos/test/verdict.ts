import t from 'tap'
import type { Death, Delivery, PairRecord } from '@miro-oauth/emulator'
import type { Life } from '../src/fleet/member.js'
import { judgeLimits, type Facts, type ResolvedGrant } from '../src/judge/facts.js'
import { judgeGrant } from '../src/judge/judge-grant.js'
import type { Verdict } from '../src/judge/verdict.js'
import type { Pair, TokenRequest } from '../src/miro/request-log.js'

const ada = 'ada'
const now = 1_000_000
const limits = judgeLimits({ leaseMs: 120_000, requestMs: 100_000 }, 5000)

/** A request of a process that was answered; a refresh where it presents a pair. */
function request (process: string, arrivedAt: number, rest: Partial<TokenRequest> = {}): TokenRequest {
  return { id: `${process}:${arrivedAt}`, process, kind: 'refresh', presented: null, arrivedAt, decidedAt: arrivedAt + 10, gave: null, answerLost: null, heldMs: 0, ...rest }
}

function pair (id: number, { by, storedAt = null, ...rest }: { by?: TokenRequest, storedAt?: number | null } & Partial<PairRecord>): Pair {
  const delivery: Delivery = 'written'
  const record = {
    id, family: 1, clientId: 'app', userId: ada, teamId: 'team', scopes: [], refreshOf: null, givenBy: id, givenAt: 0, delivery, endedEarly: false, death: null, ...rest
  }
  return { record, request: by, storedAt }
}

function life (id: string, rest: Partial<Life> = {}): Life {
  return { id, killedAt: null, endedAt: null, stops: [], ...rest }
}

function died (cause: Death['cause'], by: number): Death {
  return { cause, by, at: 0 }
}

interface Case {
  pairs: Pair[]
  stored?: ResolvedGrant
  expects?: Facts['expects']
  lives?: Life[]
  /** Requests by the ledger's number. */
  requests?: Record<number, TokenRequest>
  storeUpSince?: number
}

function verdictOn ({ pairs, stored = { state: 'active', pair: pairs[0] }, expects = { state: 'connected', family: 1 }, lives = [life('p1'), life('p2')], requests = {}, storeUpSince = 0 }: Case): Verdict {
  return judgeGrant({
    userId: ada,
    expects,
    stored,
    pairs,
    requestOf: (id) => requests[id ?? 0],
    pairOf: (id) => pairs.find(({ record }) => record.id === id),
    lifeOf: (id) => lives.find((one) => one.id === id),
    now,
    storeUpSince,
    limits
  })
}

const avoidable = { fate: 'lost', avoidable: true } as const
const unavoidable = { fate: 'lost', avoidable: false } as const

/** The store still holds pair 1, which was spent on pair 2 by this request. */
function handover (by: TokenRequest, rest: Partial<Case> = {}, storedAt: number | null = null): Case {
  return { pairs: [pair(1, { death: died('rotated', 2), storedAt: 1 }), pair(2, { by, refreshOf: 1, storedAt })], ...rest }
}

t.test('who holds the live pair is alive, and who disconnected is away', async (t) => {
  t.same(verdictOn({ pairs: [pair(1, {})] }), { fate: 'alive' })
  t.same(verdictOn({ pairs: [], stored: { state: 'disconnected' }, expects: { state: 'disconnected' } }), { fate: 'away' })
  t.same(verdictOn({ pairs: [], stored: { state: 'absent' }, expects: { state: 'disconnected' } }), { fate: 'away' })
})

t.test('what must never be is told', async (t) => {
  t.match(verdictOn({ pairs: [pair(1, {})], expects: { state: 'disconnected' } }), { fate: 'resurrected' })
  t.match(verdictOn({ pairs: [pair(1, {}), pair(2, { family: 2 })], expects: { state: 'connected', family: 2 } }), { fate: 'wrong epoch' })
  t.match(verdictOn({ pairs: [pair(1, { userId: 'bob' })] }), { fate: 'foreign token' })
  t.match(verdictOn({ pairs: [], stored: { state: 'disconnected' } }), avoidable)
  t.match(verdictOn({ pairs: [], stored: { state: 'absent' } }), avoidable)
  const killed = [life('p1', { killedAt: 900_200 })]
  t.match(verdictOn({ pairs: [pair(1, { by: request('p1', 900_000), storedAt: 900_100 })], stored: { state: 'absent' }, lives: killed }), avoidable)
  t.match(verdictOn({ pairs: [pair(1, { by: request('p1', 900_000) })], stored: { state: 'absent' }, lives: killed }), unavoidable)
  t.match(verdictOn({ pairs: [], stored: { state: 'active', pair: undefined } }), avoidable)
  t.match(verdictOn({ pairs: [pair(1, { death: died('revoked', 3) })] }), avoidable)
  const alive = pair(1, { by: request('p1', 900_000) })
  t.match(verdictOn({ pairs: [alive], stored: { state: 'rejected', pair: alive }, lives: [life('p1', { killedAt: 900_200 })] }), avoidable)
})

t.test('a pair that only a killed process had, or nobody, is lost unavoidably', async (t) => {
  const by = request('p1', 900_000, { gave: 2 })
  t.match(verdictOn(handover(by, { lives: [life('p1', { killedAt: 900_200, endedAt: 900_201 })] })), { ...unavoidable, ageMs: 200 })
  t.match(verdictOn(handover(request('p1', 900_000, { gave: 2, answerLost: 'cut' }))), unavoidable)
})

t.test('a kill is no excuse for a pair that was stored before, nor the death of another process', async (t) => {
  const by = request('p1', 900_000, { gave: 2 })
  const killed = life('p1', { killedAt: 900_200, endedAt: 900_201 })
  t.match(verdictOn(handover(by, { lives: [killed] }, 900_100)), avoidable)
  t.match(verdictOn(handover(by, { lives: [life('p1'), life('p2', { killedAt: 900_200 })] })), avoidable)
})

t.test('a process that ends by itself has no excuse, and one that runs has a few seconds', async (t) => {
  const by = request('p1', 900_000, { gave: 2 })
  t.match(verdictOn(handover(request('p1', now - 3000, { gave: 2 }), { lives: [life('p1', { endedAt: now - 2000 })] })), avoidable)
  t.match(verdictOn(handover(by)), avoidable)
  t.match(verdictOn(handover(request('p1', now - 3000, { gave: 2 }))), { fate: 'undecided' })
  t.match(verdictOn(handover(request('p1', now - 40_000, { gave: 2, heldMs: 38_000 }))), { fate: 'undecided' })
  t.match(verdictOn(handover(by, { storeUpSince: now - 1000 })), { fate: 'undecided' })
  t.match(verdictOn(handover(request('p1', now - 30_000, { gave: 2 }), { lives: [life('p1', { stops: [{ from: now - 29_000, to: null }] })] })), { fate: 'undecided' })
})

t.test('a pause excuses only where a lease may expire in it', async (t) => {
  const stops = [{ from: 800_100, to: 840_000 }, { from: 850_000, to: 890_000 }]
  t.match(verdictOn(handover(request('p1', 800_000, { gave: 2 }), { lives: [life('p1', { stops })] })), unavoidable)
  t.match(verdictOn(handover(request('p1', 800_000, { gave: 2 }), { lives: [life('p1', { stops: [{ from: 800_100, to: 804_000 }] })] })), avoidable)
  t.match(verdictOn(handover(request('p1', 930_000, { gave: 2 }), { lives: [life('p1', { stops: [{ from: 930_100, to: 960_000 }] })] })), avoidable)
})

/** Pair 1 was spent on pair 2 by the first request, and presented again by the second, for which Miro ended pair 2. */
function reuse (first: TokenRequest, second: TokenRequest, rest: Partial<Case> = {}): Case {
  const again = { ...second, presented: 1 }
  const pairs = [pair(1, { death: died('rotated', 2) }), pair(2, { by: first, refreshOf: 1, death: died('reused', 3) })]
  return { pairs, requests: { 2: { ...first, presented: 1, gave: 2 }, 3: again }, ...rest }
}

t.test('a token that is presented again needs a reason for it', async (t) => {
  const second = request('p2', 900_000)
  t.match(verdictOn(reuse(request('p1', 899_000), second)), avoidable)
  t.match(verdictOn(reuse(request('p1', 899_000, { answerLost: 'drop' }), second)), unavoidable)
  t.match(verdictOn(reuse(request('p1', 899_000, { answerLost: 'drop', heldMs: 5000 }), second)), avoidable, 'the answer was lost only later')
  const killed = (killedAt: number): Partial<Case> => ({ lives: [life('p1', { killedAt }), life('p2')] })
  t.match(verdictOn(reuse(request('p1', 770_000), second, killed(770_500))), { ...unavoidable, ageMs: 500 })
  t.match(verdictOn(reuse(request('p1', 899_000), second, killed(900_500))), avoidable, 'it was killed only later')
  t.match(verdictOn(reuse(second, request('p1', 770_000), killed(770_500))), unavoidable, 'the one that Miro took last came first')
})
