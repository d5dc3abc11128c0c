import { inspect } from 'node:util'
import t from 'tap'
import { RecordError, type ReauthorizeReason } from '../src/errors.js'
import {
  parseGrant, serializeGrant, toGrant, type ActiveGrant, type DisconnectedGrant, type GrantRecord, type RejectedGrant
} from '../src/grant/grant-record.js'
import { GrantTable } from '../src/grant/grant-table.js'
import { toTombstone } from '../src/grant/record-states.js'
import { Links } from '../src/grant/links.js'
import { tokenState, hashRefreshToken } from '../src/grant/token-pair.js'
import { Shutdown } from '../src/shutdown.js'
import { Breaker } from '../src/refresh/breaker.js'
import { Flights, type Flight } from '../src/refresh/flights.js'
import { nextStep, type NextStep, type TokenNeed } from '../src/refresh/next-step.js'
import { settle, type Consumed, type Settlement } from '../src/refresh/settlement.js'
import { memoryStore } from '../src/store/memory-store.js'
import { createFakeClock } from '../src/testing/index.js'
import type { Verdict } from '../src/wire/classify.js'
import type { TokenAnswer } from '../src/wire/token-answer.js'

const now = 1_800_000_000_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const leaseMs = 120_000

const home = { clientId: 'app', userId: '3074457358607431473', teamId: '1234567890987654321' }

/** A grant in the middle of its hour, with nothing going on. */
function activeGrant (changes: Partial<ActiveGrant> = {}): ActiveGrant {
  return {
    ...home,
    status: 'active',
    epoch: 'epoch 1',
    consentId: 'consent-1',
    scopes: ['boards:read'],
    connectedAt: now - 10 * hourMs,
    usedAt: now - 5 * hourMs,
    pair: { accessToken: 'access-1', refreshToken: 'refresh-1', issuedAt: now - hourMs / 2, expiresAt: now + hourMs / 2 },
    lease: null,
    notBefore: null,
    failures: 0,
    answerLost: false,
    unclear: null,
    forcedAt: null,
    ...changes
  }
}

function rejectedGrant (changes: Partial<RejectedGrant> = {}): RejectedGrant {
  return {
    ...home,
    status: 'rejected',
    epoch: 'epoch 1',
    consentId: 'consent-1',
    scopes: ['boards:read'],
    connectedAt: now - 10 * hourMs,
    usedAt: now - 5 * hourMs,
    refreshTokenHash: hashRefreshToken('refresh-1'),
    reason: 'refused',
    ...changes
  }
}

const disconnectedGrant: DisconnectedGrant = { ...home, status: 'disconnected', epoch: 'epoch 2' }

// What to do next: every state of an active grant, in words.

const lives = { fresh: [now - hourMs / 2, now + hourMs / 2], due: [now - 0.95 * hourMs, now + 0.05 * hourMs], expired: [now - hourMs, now], endless: [now - hourMs, null] } as const
const leases = { none: 0, live: 0, 'just live': leaseMs, dead: leaseMs + 1 } as const
const doubts = { none: null, 'in the first minute': now + 1, 'at its end': now, over: now - 1 } as const
const pauses = { none: null, past: now - 1, over: now, ahead: now + 1, far: now + 15 * minuteMs, absurd: now + 15 * minuteMs + 1 } as const
const forces = { never: null, lately: now - minuteMs + 1, 'a minute ago': now - minuteMs, 'by a clock slightly ahead': now + minuteMs - 1, 'by a clock far ahead': now + minuteMs } as const
const wishes = { 'a fresh pair': { kind: 'fresh' }, 'another than this': { kind: 'other-than', accessToken: 'access-1' }, 'another than some other': { kind: 'other-than', accessToken: 'access-0' }, 'one of today': { kind: 'issued-after', instant: now - 24 * hourMs }, 'one from now on': { kind: 'issued-after', instant: now } } as const

interface State {
  life: keyof typeof lives
  refreshable: boolean
  lease: keyof typeof leases
  unclear: keyof typeof doubts
  lost: boolean
  pause: keyof typeof pauses
  forced: keyof typeof forces
  need: keyof typeof wishes
}

function keysOf<K extends string> (record: Record<K, unknown>): K[] {
  return Object.keys(record).filter((key): key is K => key in record)
}

function * allStates (): Generator<State> {
  for (const life of keysOf(lives)) {
    for (const refreshable of [true, false]) {
      for (const lease of keysOf(leases)) {
        for (const unclear of keysOf(doubts)) {
          for (const lost of [true, false]) {
            for (const pause of keysOf(pauses)) {
              for (const forced of keysOf(forces)) {
                for (const need of keysOf(wishes)) yield { life, refreshable, lease, unclear, lost, pause, forced, need }
              }
            }
          }
        }
      }
    }
  }
}

function recordOf (state: State): ActiveGrant {
  const [issuedAt, expiresAt] = lives[state.life]
  const nextAt = doubts[state.unclear]
  return activeGrant({
    pair: { accessToken: 'access-1', refreshToken: state.refreshable ? 'refresh-1' : null, issuedAt, expiresAt },
    lease: state.lease === 'none' ? null : { id: 'somebody' },
    unclear: nextAt === null ? null : { count: 1, workedBetween: 0, nextAt },
    notBefore: pauses[state.pause],
    answerLost: state.lost,
    forcedAt: forces[state.forced]
  })
}

/** The rules in words; the first that applies decides. */
const rules: Array<[(state: State) => boolean, (state: State) => string]> = [
  [({ need, life }) => need === 'a fresh pair' && ['fresh', 'endless'].includes(life), () => 'serve'],
  [({ need, life }) => need === 'another than some other' && life !== 'expired', () => 'serve'],
  [({ need }) => need === 'one of today', () => 'serve'],
  [({ refreshable }) => !refreshable, () => 'reauthorize no_refresh_token'],
  [({ lease }) => lease === 'dead', () => 'wait dead'],
  [({ lease }) => lease !== 'none', () => 'wait'],
  [({ unclear }) => unclear === 'in the first minute', ({ lost }) => lost ? 'reauthorize response_lost' : 'reauthorize unclear'],
  [({ pause }) => pause === 'ahead', () => `back-off until ${now + 1}`],
  [({ pause }) => pause === 'far', () => `back-off until ${now + 15 * minuteMs}`],
  [({ need, forced }) => wishes[need].kind === 'other-than' && ['lately', 'by a clock slightly ahead'].includes(forced), () => 'forced-lately'],
  [() => true, () => 'lease']
]

function spell (step: NextStep): string {
  switch (step.step) {
    case 'wait': return step.dead ? 'wait dead' : 'wait'
    case 'reauthorize': return `reauthorize ${step.reason}`
    case 'back-off': return `back-off until ${step.retryAt}`
    default: return step.step
  }
}

t.test('nextStep does what the rules say in every state an active grant can be in', async (t) => {
  for (const life of ['fresh', 'due', 'expired'] as const) t.equal(tokenState(recordOf({ life, refreshable: true, lease: 'none', unclear: 'none', lost: false, pause: 'none', forced: 'never', need: 'a fresh pair' }).pair, now), life)
  const wrong = []
  const outcomes = new Set<string>()
  for (const state of allStates()) {
    const record = recordOf(state)
    const step = nextStep(record, wishes[state.need], { now, ageMs: leases[state.lease], leaseMs })
    const expected = rules.find(([applies]) => applies(state))?.[1](state)
    outcomes.add(spell(step))
    if (spell(step) !== expected || (step.step === 'serve' && step.pair !== record.pair)) wrong.push({ ...state, expected, got: step })
  }
  t.strictSame(wrong.slice(0, 3), [])
  t.equal(outcomes.size, 10)
})

t.test('nextStep, by example:', async (t) => {
  const fresh: TokenNeed = { kind: 'fresh' }
  const expired = { accessToken: 'access-1', refreshToken: 'refresh-1', issuedAt: now - hourMs, expiresAt: now }
  const look = (record: GrantRecord | null, need: TokenNeed = fresh, ageMs = 0): string => spell(nextStep(record, need, { now, ageMs, leaseMs }))

  t.equal(look(null), 'not-connected', 'nothing is stored')
  t.equal(look(disconnectedGrant), 'not-connected', 'the person disconnected')
  for (const reason of ['refused', 'response_lost', 'unclear', 'no_refresh_token', 'revoked'] satisfies ReauthorizeReason[]) {
    t.equal(look(rejectedGrant({ reason })), `reauthorize ${reason}`, 'a tombstone tells why it is one')
    t.equal(look(rejectedGrant({ reason }), { kind: 'other-than', accessToken: 'access-1' }), `reauthorize ${reason}`)
  }
  t.equal(look(activeGrant()), 'serve', 'a fresh pair is served')
  t.equal(look(activeGrant({ lease: { id: 'a' }, unclear: { count: 1, workedBetween: 0, nextAt: now + minuteMs } })), 'serve', 'a fresh pair is served whatever goes on')
  t.equal(look(activeGrant({ pair: expired })), 'lease', 'an expired pair is refreshed')
  t.equal(look(activeGrant({ pair: expired, lease: { id: 'a' } }), fresh, leaseMs), 'wait', 'a lease lives as long as its lease')
  t.equal(look(activeGrant({ pair: expired, lease: { id: 'a' } }), fresh, leaseMs + 1), 'wait dead', 'and no longer')
  t.equal(look(activeGrant({ pair: expired }), fresh, 100 * leaseMs), 'lease', 'the age of an unleased version means nothing')
  t.equal(look(activeGrant({ pair: expired, notBefore: now + 60 * minuteMs })), 'lease', 'a back-off longer than any of ours was written by a clock that runs ahead')
  t.equal(look(activeGrant({ pair: { ...expired, refreshToken: null } })), 'reauthorize no_refresh_token', 'an expired pair without a refresh token needs its person')
  t.equal(look(activeGrant(), { kind: 'other-than', accessToken: 'access-0' }), 'serve', 'a refused token that was replaced already needs no refresh')
  t.equal(look(activeGrant(), { kind: 'other-than', accessToken: 'access-1' }), 'lease', 'a refused token that is the current one forces a refresh')
  t.equal(look(activeGrant({ forcedAt: now - 59_999 }), { kind: 'other-than', accessToken: 'access-1' }), 'forced-lately', 'but none within a minute of the last')
  t.equal(look(activeGrant({ pair: expired, forcedAt: now - 1 })), 'lease', 'a refresh that is due anyway is not held back by it')
})

// What the result of a refresh may do to a record: every record it can meet, with every verdict.

const consumed: Consumed = { epoch: 'epoch 1', refreshTokenHash: hashRefreshToken('refresh-1'), refreshToken: 'refresh-1', leaseId: 'ours', forced: false, asked: true, sentAt: now - 500 }
const answer: TokenAnswer = { accessToken: 'access-2', refreshToken: 'refresh-2', expiresInMs: 3_599_000, scopes: ['boards:read', 'boards:write'], userId: null, teamId: null }
const ours = activeGrant({ lease: { id: 'ours' } })
const rotated = { accessToken: 'access-9', refreshToken: 'refresh-9', issuedAt: now, expiresAt: now + hourMs }

const verdicts = {
  ok: { kind: 'ok', answer },
  rejected: { kind: 'rejected' },
  unclear: { kind: 'unclear' },
  'not sent': { kind: 'not-sent' },
  throttled: { kind: 'throttled', retryAfterMs: null },
  ambiguous: { kind: 'ambiguous' },
  config: { kind: 'config', secret: false, status: 404 },
  'config, secret': { kind: 'config', secret: true, status: 401 }
} satisfies Record<string, Verdict>

function settled (current: GrantRecord | null, verdict: Verdict, isProved = false): Settlement {
  return settle(current, consumed, verdict, { now, isProved })
}

function active (settlement: Settlement): ActiveGrant {
  if (settlement.settle === 'write' && settlement.next.status === 'active') return settlement.next
  throw new Error(`no active grant: ${JSON.stringify(settlement)}`)
}

/** A settlement in one or two words. */
function outcomeOf (settlement: Settlement): string {
  if (settlement.settle === 'stored') return 'stored'
  if (settlement.settle === 'drop') return settlement.why === 'disconnected' ? 'revoke' : settlement.why
  const { next } = settlement
  if (next.status !== 'active') return next.status
  if (next.pair.accessToken === 'access-2') return 'new pair'
  if (next.unclear !== null) return 'unclear'
  return next.answerLost ? 'back off, answer lost' : 'back off'
}

const gone = ['gone', 'gone', 'gone', 'gone', 'gone', 'gone', 'gone', 'gone']
const superseded = ['superseded', 'superseded', 'superseded', 'superseded', 'superseded', 'superseded', 'superseded', 'superseded']
const notOurs = superseded.slice(2)

/** One row per record that a result can meet; the columns are the verdicts, in their order. */
const meetings: Record<string, [GrantRecord | null, string[]]> = {
  'nothing, the record is gone': [null, gone],
  'a disconnected grant': [disconnectedGrant, ['revoke', ...superseded.slice(1)]],
  'a disconnected grant of the same epoch, which cannot be': [{ ...disconnectedGrant, epoch: 'epoch 1' }, ['revoke', ...superseded.slice(1)]],
  'a tombstone of this refresh token': [rejectedGrant(), ['new pair', ...superseded.slice(1)]],
  'a tombstone of another refresh token': [rejectedGrant({ refreshTokenHash: hashRefreshToken('refresh-9') }), superseded],
  'a tombstone without a refresh token': [rejectedGrant({ refreshTokenHash: null }), superseded],
  'a tombstone of this refresh token in another epoch': [rejectedGrant({ epoch: 'epoch 2' }), superseded],
  'the record under our lease': [ours, ['new pair', 'rejected', 'unclear', 'back off', 'back off', 'back off, answer lost', 'back off', 'back off']],
  'the record under another\'s lease': [activeGrant({ lease: { id: 'theirs' } }), ['new pair', 'rejected', ...notOurs]],
  'the record without a lease': [activeGrant(), ['new pair', 'rejected', ...notOurs]],
  'a record that another refresh rotated': [activeGrant({ pair: rotated }), superseded],
  'a record that another refresh rotated, under our lease': [activeGrant({ pair: rotated, lease: { id: 'ours' } }), superseded],
  'a newer connect with the same refresh token': [activeGrant({ epoch: 'epoch 2', lease: { id: 'ours' } }), superseded],
  'a newer connect with other tokens': [activeGrant({ epoch: 'epoch 2', pair: rotated }), superseded],
  'a newer connect that holds the very pair': [activeGrant({ epoch: 'epoch 2', pair: { ...rotated, accessToken: 'access-2' } }), superseded],
  'a grant without a refresh token': [activeGrant({ pair: { ...rotated, refreshToken: null } }), superseded],
  'our result, stored already': [activeGrant({ pair: { ...rotated, accessToken: 'access-2', refreshToken: 'refresh-2' } }), ['stored', ...superseded.slice(1)]]
}

for (const [name, [current, expected]] of Object.entries(meetings)) {
  t.test(`a result that meets ${name}`, async (t) => {
    for (const [index, [verdict, value]] of Object.entries(verdicts).entries()) t.equal(outcomeOf(settled(current, value)), expected[index], verdict)
  })
}

t.test('a new pair', async (t) => {
  const troubled = activeGrant({
    lease: { id: 'theirs' }, notBefore: now + 1, failures: 3, answerLost: true, unclear: { count: 2, workedBetween: 1, nextAt: 3 }, forcedAt: now - 5, userName: 'Ada', teamName: 'Engines'
  })
  t.strictSame(settled(troubled, verdicts.ok), {
    settle: 'write',
    next: {
      ...troubled,
      scopes: ['boards:read', 'boards:write'],
      pair: { accessToken: 'access-2', refreshToken: 'refresh-2', issuedAt: now - 500, expiresAt: now - 500 + 3_599_000 },
      usedAt: now - 500,
      lease: null,
      notBefore: null,
      failures: 0,
      answerLost: false,
      unclear: null
    }
  }, 'clears every trouble, keeps everything else, and is dated from its request')
  const unasked = settle(troubled, { ...consumed, asked: false }, verdicts.ok, { now, isProved: false })
  t.equal(active(unasked).usedAt, troubled.usedAt, 'for which nobody asked is no use of the grant')
  t.strictSame(active(settled(rejectedGrant({ userName: 'Ada' }), verdicts.ok)), {
    ...active(settled(ours, verdicts.ok)), userName: 'Ada', forcedAt: null
  }, 'over a tombstone, restores the grant with its names and consent')
  const partial = active(settled(ours, { kind: 'ok', answer: { ...answer, refreshToken: null, scopes: null } }))
  t.equal(partial.pair.refreshToken, 'refresh-1', 'keeps the refresh token where Miro sent none')
  t.strictSame(partial.scopes, ['boards:read'], 'keeps the scopes where Miro sent none')
  t.strictSame(active(settled(ours, { kind: 'ok', answer: { ...answer, scopes: [] } })).scopes, [], 'takes an empty list of scopes at its word')
  t.strictSame(settled(partial, { kind: 'ok', answer: { ...answer, refreshToken: null } }), { settle: 'stored' }, 'is recognised as stored though the refresh token did not change')
})

t.test('a tombstone', async (t) => {
  t.strictSame(settled(activeGrant({ lease: { id: 'ours' }, userName: 'Ada', failures: 2 }), verdicts.rejected), {
    settle: 'write', next: rejectedGrant({ userName: 'Ada' })
  }, 'keeps the hash for a late success, and no token')
  const { next } = settled(activeGrant({ answerLost: true }), verdicts.rejected) as Extract<Settlement, { settle: 'write' }>
  t.equal(next.status === 'rejected' && next.reason, 'response_lost', 'names a lost answer as the better explanation')
  t.equal(toTombstone(activeGrant({ answerLost: true }), 'revoked').reason, 'revoked', 'of a token that was confirmed to be revoked says so')
  t.equal(toTombstone(activeGrant({ pair: { ...rotated, refreshToken: null } }), 'revoked').refreshTokenHash, null)
})

t.test('a doubt', async (t) => {
  t.test('asks again after 1, 10 and 60 minutes, and then every hour, with the same token', async (t) => {
    let current = ours
    for (const [index, minutes] of [1, 10, 60, 60, 60].entries()) {
      const next = active(settled(current, verdicts.unclear))
      t.strictSame(next, { ...current, lease: null, unclear: { count: index + 1, workedBetween: 0, nextAt: now + minutes * minuteMs } })
      current = { ...next, lease: { id: 'ours' } }
    }
  })

  t.test('becomes a tombstone once the secret was proved good between three refusals', async (t) => {
    const doubted = (count: number, workedBetween: number): ActiveGrant => activeGrant({ lease: { id: 'ours' }, unclear: { count, workedBetween, nextAt: now } })
    t.equal(outcomeOf(settled(doubted(2, 1), verdicts.unclear, true)), 'rejected')
    t.equal(outcomeOf(settled({ ...doubted(5, 1), answerLost: true }, verdicts.unclear, true)), 'rejected')
    t.equal(outcomeOf(settled(doubted(5, 1), verdicts.unclear, false)), 'unclear')
    t.equal(active(settled(doubted(1, 0), verdicts.unclear, true)).unclear?.workedBetween, 1)
    t.equal(active(settled(doubted(4, 0), verdicts.unclear, true)).unclear?.workedBetween, 1, 'refusals without a proof between them count once')
    t.equal(active(settled(doubted(2, 1), verdicts.unclear, false)).unclear?.workedBetween, 1, 'a proof is kept')
    t.equal(active(settled(ours, verdicts.unclear, true)).unclear?.workedBetween, 0, 'before the first refusal it proves nothing')
    t.equal(outcomeOf(settled({ ...doubted(2, 1), lease: { id: 'theirs' } }, verdicts.unclear, true)), 'superseded', 'and never under another\'s lease')
  })

  t.test('outlives failures that say nothing about it', async (t) => {
    const unclear = { count: 2, workedBetween: 1, nextAt: 3 }
    for (const verdict of [verdicts['not sent'], verdicts.throttled, verdicts.ambiguous, verdicts.config]) {
      t.strictSame(active(settled(activeGrant({ lease: { id: 'ours' }, unclear }), verdict)).unclear, unclear, verdict.kind)
    }
  })
})

t.test('a failure that costs nothing', async (t) => {
  t.test('backs off twice as long each time, up to a minute', async (t) => {
    for (const verdict of [verdicts['not sent'], verdicts.throttled, verdicts.ambiguous, verdicts.config, verdicts['config, secret']]) {
      let current = ours
      for (const [index, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
        const next = active(settled(current, verdict))
        t.strictSame(next, { ...current, lease: null, failures: index + 1, notBefore: now + seconds * 1000, answerLost: verdict.kind === 'ambiguous' }, verdict.kind)
        current = { ...next, lease: { id: 'ours' } }
      }
    }
    t.equal(active(settled(activeGrant({ lease: { id: 'ours' }, failures: 100_000 }), verdicts.ambiguous)).notBefore, now + minuteMs)
  })

  t.test('waits as long as Miro asks, and ten minutes at most', async (t) => {
    const waits: Array<[number | null, number]> = [[null, 1000], [0, 1000], [999, 1000], [1001, 1001], [45_000, 45_000], [10 * minuteMs, 10 * minuteMs], [10 * minuteMs + 1, 10 * minuteMs], [Number.MAX_SAFE_INTEGER, 10 * minuteMs]]
    for (const [retryAfterMs, expected] of waits) {
      t.equal(active(settled(ours, { kind: 'throttled', retryAfterMs })).notBefore, now + expected, `${retryAfterMs} ms`)
    }
    t.equal(active(settled({ ...ours, failures: 9 }, { kind: 'throttled', retryAfterMs: 5000 })).notBefore, now + minuteMs, 'its own back-off where that is longer')
  })

  t.test('does not forget a lost answer', async (t) => {
    for (const verdict of [verdicts['not sent'], verdicts.throttled, verdicts.config, verdicts.unclear]) t.equal(active(settled({ ...ours, answerLost: true }, verdict)).answerLost, true, verdict.kind)
  })
})

t.test('whatever a settlement writes can be read again, and changes nothing it was given', async (t) => {
  const frozen = Object.freeze({ ...ours, pair: Object.freeze({ ...ours.pair }), lease: Object.freeze({ id: 'ours' }) })
  for (const current of [frozen, rejectedGrant()]) {
    for (const verdict of Object.values(verdicts)) {
      const settlement = settled(current, verdict)
      if (settlement.settle === 'write') t.strictSame(parseGrant(serializeGrant(settlement.next), home), settlement.next)
    }
  }
})

t.test('the breaker', async (t) => {
  t.test('admits everything until three grants are suspect with no success between', async (t) => {
    const breaker = new Breaker()
    breaker.refusedUnclearly('a', now)
    breaker.refusedUnclearly('b', now)
    t.equal(breaker.isOpen, false)
    t.ok(breaker.admit(now))
    t.ok(breaker.admit(now))
    breaker.refusedUnclearly('c', now)
    t.equal(breaker.isOpen, true)
    t.notOk(breaker.admit(now))
  })

  t.test('counts a grant once, however often it is refused', async (t) => {
    const breaker = new Breaker()
    for (let times = 0; times < 5; times++) breaker.refusedUnclearly('a', now)
    breaker.refusedUnclearly('b', now)
    t.equal(breaker.isOpen, false)
  })

  t.test('starts to count anew after a success', async (t) => {
    const breaker = new Breaker()
    breaker.refusedUnclearly('a', now)
    breaker.refusedUnclearly('b', now)
    breaker.proved(now + 1)
    breaker.refusedUnclearly('c', now + 2)
    breaker.refusedUnclearly('d', now + 2)
    t.equal(breaker.isOpen, false)
    breaker.refusedUnclearly('e', now + 2)
    t.equal(breaker.isOpen, true)
  })

  t.test('open, lets one probe through every thirty seconds', async (t) => {
    const breaker = new Breaker()
    breaker.misconfigured(now)
    t.equal(breaker.isOpen, true)
    t.equal(breaker.retryAfterMs(now), 30_000)
    t.notOk(breaker.admit(now + 29_999))
    t.equal(breaker.retryAfterMs(now + 29_999), 1)
    t.ok(breaker.admit(now + 30_000))
    t.notOk(breaker.admit(now + 30_000))
    breaker.misconfigured(now + 40_000)
    breaker.refusedUnclearly('a', now + 40_000)
    t.notOk(breaker.admit(now + 59_999))
    t.ok(breaker.admit(now + 60_000), 'further failures do not put the next probe off')
    t.equal(breaker.retryAfterMs(now + 1_000_000), 0)
  })

  t.test('closes with any success', async (t) => {
    const breaker = new Breaker()
    breaker.misconfigured(now)
    breaker.proved(now + 1)
    t.equal(breaker.isOpen, false)
    t.equal(breaker.retryAfterMs(now + 1), 0)
    t.ok(breaker.admit(now + 1))
    t.ok(breaker.admit(now + 1))
  })
})

// What is stored.

const full = activeGrant({ lease: { id: 'ours' }, notBefore: 1, unclear: { count: 1, workedBetween: 0, nextAt: 1 }, forcedAt: 1, userName: 'Ada', teamName: 'Engines' })

function isRefused (body: string, at = home): boolean {
  try {
    parseGrant(body, at)
    return false
  } catch (error) {
    if (error instanceof RecordError && error.code === 'MIRO_RECORD' && !inspect(error).includes('access-1')) return true
    throw error
  }
}

t.test('a grant\'s record', async (t) => {
  t.test('comes back as it was stored', async (t) => {
    const odd = activeGrant({ userName: 'Zoë "😀" \u2028\\', teamName: '', scopes: [], pair: { ...rotated, refreshToken: null, expiresAt: null } })
    for (const record of [full, activeGrant(), odd, rejectedGrant(), rejectedGrant({ refreshTokenHash: null, userName: 'Ada' }), disconnectedGrant]) {
      t.strictSame(parseGrant(serializeGrant(record), home), record, record.status)
    }
  })

  t.test('is refused where a field is missing or of another type', async (t) => {
    const optional = ['userName', 'teamName']
    const nullable = ['refreshToken', 'expiresAt', 'lease', 'notBefore', 'unclear', 'forcedAt', 'refreshTokenHash']
    const samples: unknown[] = ['text', '', 5, true, null, [], ['text'], [5], {}]
    const kindOf = (value: unknown): string => Array.isArray(value) ? 'array' : typeof value
    for (const record of [full, rejectedGrant({ userName: 'Ada', teamName: 'Engines' }), disconnectedGrant]) {
      const holders: Array<[string, object, (holder: object) => object]> = [[record.status, record, (holder) => holder]]
      if (record === full) {
        for (const name of ['pair', 'lease', 'unclear'] as const) holders.push([name, full[name] ?? {}, (holder) => ({ ...full, [name]: holder })])
      }
      for (const [holderName, holder, wrap] of holders) {
        for (const [name, value] of Object.entries(holder)) {
          const body = (fields: object): string => JSON.stringify({ format: 1, ...wrap(fields) })
          t.notOk(isRefused(body(holder)))
          const without = Object.fromEntries(Object.entries(holder).filter(([other]) => other !== name))
          t.equal(isRefused(body(without)), !optional.includes(name), `${holderName} without ${name}`)
          for (const sample of samples) {
            const fits = (sample === null && nullable.includes(name)) || (optional.includes(name) && typeof sample === 'string') ||
              (name === 'scopes' && Array.isArray(sample) && sample.every((scope) => typeof scope === 'string')) ||
              (kindOf(sample) === kindOf(value) && !Array.isArray(sample) && sample !== '' && kindOf(sample) !== 'object' && !(name in { ...home, status: '' }))
            t.equal(isRefused(body({ ...holder, [name]: sample })), !fits, `${holderName} with ${name} ${JSON.stringify(sample)}`)
          }
        }
      }
    }
  })

  t.test('is refused under another key', async (t) => {
    for (const record of [full, rejectedGrant(), disconnectedGrant]) {
      for (const name of ['clientId', 'userId', 'teamId'] as const) {
        t.ok(isRefused(serializeGrant(record), { ...home, [name]: 'another' }), `${record.status} of another ${name}`)
      }
    }
  })

  t.test('is refused where it is of a newer format, of none, or no record at all', async (t) => {
    for (const format of [0, 2, '1', null, undefined]) t.ok(isRefused(JSON.stringify({ ...full, format })), `format ${String(format)}`)
    t.ok(isRefused(JSON.stringify({ ...full, format: 1, status: 'paused' })))
    const body = serializeGrant(full)
    for (const text of ['', 'null', '5', '"text"', '[]', '{}', `[${body}]`, body.slice(0, -1), `${body}x`, JSON.stringify(body)]) t.ok(isRefused(text), text.slice(0, 10))
  })

  t.test('shows callers no token', async (t) => {
    t.strictSame(toGrant(full), { userId: home.userId, teamId: home.teamId, scopes: ['boards:read'], connectedAt: full.connectedAt, userName: 'Ada', teamName: 'Engines' })
    t.strictSame(Object.keys(toGrant(activeGrant())), ['userId', 'teamId', 'scopes', 'connectedAt'])
  })
})

t.test('the table of grants', async (t) => {
  const dayMs = 24 * hourMs
  const clock = createFakeClock(now)
  const store = memoryStore({ clock })
  const table = new GrantTable({ store, clock, clientId: 'app' })
  const key = `miro:grant:app:${home.userId}:${home.teamId}`

  t.test('reads what it wrote, and replaces only what was read', async (t) => {
    const nothing = await table.read(home)
    t.strictSame(nothing, { record: null, version: null, ageMs: 0 })
    const written = await table.replace(home, nothing, activeGrant())
    t.ok(written.ok)
    await clock.advance(5)
    t.strictSame(await table.read(home), { ...written.stored, ageMs: 5 })
    const late = await table.replace(home, nothing, full)
    t.strictSame(late, { ok: false, stored: { ...written.stored, ageMs: 5 } }, 'a mismatch tells what stands there')
    t.ok((await table.replace(home, written.stored, disconnectedGrant)).ok)
    t.strictSame((await table.read(home)).record, disconnectedGrant)
  })

  t.test('keeps a grant 90 days from its pair, a tombstone 90 days, a disconnect 7, and an endless grant for ever', async (t) => {
    const cases: Array<[GrantRecord, number | null]> = [
      [activeGrant(), now - hourMs / 2 + 90 * dayMs],
      [activeGrant({ lease: { id: 'ours' } }), now - hourMs / 2 + 90 * dayMs],
      [activeGrant({ pair: { ...rotated, expiresAt: now + 100 * dayMs } }), now + 101 * dayMs],
      [activeGrant({ pair: { ...rotated, expiresAt: null } }), null],
      [rejectedGrant(), clock.now() + 90 * dayMs],
      [disconnectedGrant, clock.now() + 7 * dayMs]
    ]
    for (const [record, expected] of cases) {
      await table.replace(home, await table.read(home), record)
      t.equal((await store.get(key))?.expiresAt, expected, record.status)
    }
  })

  t.test('leaves a record it cannot read untouched', async (t) => {
    const before = await table.read(home)
    await store.cas(key, before.version, { body: 'not ours', expiresAt: null })
    await t.rejects(table.read(home), RecordError)
    await t.rejects(table.replace(home, before, full), RecordError)
    t.equal((await store.get(key))?.body, 'not ours')
  })
})

t.test('links', async (t) => {
  const link = (teamId: string, consentId = 'consent-1'): { userId: string, teamId: string, consentId: string } => ({ userId: '1', teamId, consentId })

  t.test('are listed newest first, one per grant, each app user and app apart', async (t) => {
    const store = memoryStore()
    const links = new Links(store, 'app')
    t.strictSame(await links.list('ada'), [])
    for (const teamId of ['1', '2', '3']) await links.add('ada', link(teamId))
    t.strictSame(await links.list('ada'), [link('3'), link('2'), link('1')])
    await links.add('ada', link('1', 'consent-2'))
    t.strictSame(await links.list('ada'), [link('1', 'consent-2'), link('3'), link('2')], 'a new link to the same grant replaces the old one, first')
    t.strictSame(await links.list('bob'), [])
    t.strictSame(await new Links(store, 'another app').list('ada'), [])
  })

  t.test('survive concurrent changes', async (t) => {
    const links = new Links(memoryStore(), 'app')
    const teams = Array.from({ length: 20 }, (_, index) => String(index))
    await Promise.all(teams.map((teamId) => links.add('ada', link(teamId))))
    t.strictSame((await links.list('ada')).map(({ teamId }) => teamId).sort(), teams.sort())
  })

  t.test('are refused, and left as they are, where the record is not ours', async (t) => {
    const store = memoryStore()
    const links = new Links(store, 'app')
    const bodies = ['', '{', 'null', '[]', '{}', '{"format":1}', '{"format":1,"links":{}}', '{"format":2,"links":[]}', '{"links":[]}', '{"format":1,"links":[null]}',
      '{"format":1,"links":[{"userId":"1","teamId":"1"}]}', '{"format":1,"links":[{"userId":1,"teamId":"1","consentId":"c"}]}']
    for (const [index, body] of bodies.entries()) {
      const appUserId = String(index)
      await store.cas(`miro:link:app:${appUserId}`, null, { body, expiresAt: null })
      await t.rejects(links.list(appUserId), RecordError, body)
      await t.rejects(links.add(appUserId, link('1')), RecordError)
      t.equal((await store.get(`miro:link:app:${appUserId}`))?.body, body)
    }
  })
})

/** Work that ends when it is told to. */
function gate<T> (): { opened: Promise<T>, open: (value: T) => void, fail: (error: Error) => void } {
  let open: (value: T) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { opened, open, fail }
}

t.test('a flight', async (t) => {
  t.test('is shared by all who come while it runs, and over with its result', async (t) => {
    const flights = new Flights<string>(new Shutdown())
    const { opened, open } = gate<string>()
    let begun = 0
    const work = (): Promise<string> => {
      begun++
      return opened
    }
    const seats = [flights.join('a', work), flights.join('a', work)]
    await Promise.resolve()
    seats.push(flights.join('a', work))
    open('result')
    t.strictSame(await Promise.all(seats.map(({ result }) => result)), ['result', 'result', 'result'])
    t.equal(begun, 1)
    t.equal(await flights.join('a', async () => 'another').result, 'another')
  })

  t.test('is one per name', async (t) => {
    const flights = new Flights<string>(new Shutdown())
    const seats = ['a', 'b'].map((name) => flights.join(name, async () => name))
    t.strictSame(await Promise.all(seats.map(({ result }) => result)), ['a', 'b'])
  })

  t.test('fails for everybody, and the next one begins afresh', async (t) => {
    const flights = new Flights<string>(new Shutdown())
    const failing = (): never => { throw new Error('no') }
    const seats = [flights.join('a', failing), flights.join('a', failing)]
    for (const { result } of seats) await t.rejects(result, { message: 'no' })
    t.equal(await flights.join('a', async () => 'yes').result, 'yes')
  })

  t.test('finds its first caller seated, and can end once the last has left', async (t) => {
    const flights = new Flights<string>(new Shutdown())
    const { opened, open } = gate<string>()
    let flight: Flight | undefined
    const abandoned: boolean[] = []
    const seat = flights.join('a', (own) => {
      flight = own
      abandoned.push(own.endIfAbandoned())
      return opened
    })
    await Promise.resolve()
    const second = flights.join('a', async () => 'never')
    seat.leave()
    abandoned.push(flight?.endIfAbandoned() ?? true)
    second.leave()
    abandoned.push(flight?.endIfAbandoned() ?? false)
    t.strictSame(abandoned, [false, false, true])

    const { opened: nextOpened, open: openNext } = gate<string>()
    const next = flights.join('a', () => nextOpened)
    open('old')
    t.equal(await seat.result, 'old')
    const joined = flights.join('a', async () => 'a third')
    openNext('next')
    t.equal(await next.result, 'next')
    t.equal(await joined.result, 'next', 'the end of an abandoned flight does not end its successor')
  })

  t.test('is waited for by close, and so is tracked work, failing or not', async (t) => {
    const clock = createFakeClock()
    const shutdown = new Shutdown()
    const flights = new Flights<string>(shutdown)
    const gates = [gate<string>(), gate<string>(), gate<string>()] as const
    flights.join('a', () => gates[0].opened).result.catch(() => {})
    shutdown.track(gates[1].opened)
    let closed = false
    const done = shutdown.close(clock, 10_000).then(() => { closed = true })
    t.ok(shutdown.closing.aborted)
    gates[0].fail(new Error('no'))
    await clock.advance(10)
    t.equal(closed, false)
    shutdown.track(gates[2].opened)
    gates[1].fail(new Error('no'))
    await clock.advance(10)
    t.equal(closed, false, 'work that began meanwhile counts too')
    t.notOk(shutdown.over.aborted)
    gates[2].open('done')
    await done
    t.ok(shutdown.over.aborted)
  })

  t.test('is waited for by close no longer than it is told', async (t) => {
    const clock = createFakeClock()
    const shutdown = new Shutdown()
    shutdown.track(gate<string>().opened)
    const done = shutdown.close(clock, 10_000)
    await clock.advance(10_000)
    await done
    t.ok(shutdown.over.aborted)
  })
})
