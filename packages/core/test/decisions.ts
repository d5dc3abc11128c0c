import { inspect } from 'node:util'
import t from 'tap'
import { RecordError, type ReauthorizeReason } from '../src/errors.js'
import { parseGrant, serializeGrant } from '../src/grant/grant-body.js'
import {
  toGrant, type ActiveGrant, type DisconnectedGrant, type GrantRecord, type RefreshState, type RejectedGrant,
  type UnclearRefusals
} from '../src/grant/grant-record.js'
import { GrantTable } from '../src/grant/grant-table.js'
import { idle, toTombstone } from '../src/grant/record-states.js'
import { Links } from '../src/grant/links.js'
import { hashRefreshToken } from '../src/grant/token-pair.js'
import { Shutdown } from '../src/shutdown.js'
import { applyResult, type RefreshRequest, type ResultAction } from '../src/refresh/apply-result.js'
import { ClientHealth } from '../src/refresh/client-health.js'
import { decide, type Decision, type TokenNeed } from '../src/refresh/decide.js'
import { SingleFlight, type Flight } from '../src/refresh/single-flight.js'
import { memoryStore } from '../src/store/memory-store.js'
import { judgeRevocation } from '../src/revoke/judge-revocation.js'
import { createFakeClock } from '../src/testing/index.js'
import type { Verdict } from '../src/wire/classify.js'
import type { TokenAnswer } from '../src/wire/token-answer.js'

const now = 1_800_000_000_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const leaseMs = 120_000

const home = { clientId: 'app', userId: '3074457358607431473', teamId: '1234567890987654321' }

/** Refused unclearly under the secret of this process, by itself. */
function unclearRefusals (changes: Partial<UnclearRefusals> = {}): UnclearRefusals {
  return { count: 1, workedBetween: 0, retryAt: now, secretId: 'secret-1', appInDoubt: false, forced: false, ...changes }
}

/** What a decision is made with: nothing is known about the app. */
const usual = {
  now,
  ageMs: 0,
  leaseMs: 120_000,
  aheadMs: 2000,
  mayRefreshAhead: true,
  secretId: 'secret-1',
  app: { isInDoubt: false, secretWorkedSince: () => false, recoveredSince: () => false }
}

/** What a result is applied with. */
const unknown = { now, secretWorkedSince: false, secretId: 'secret-1', appInDoubt: false }

/** An active grant in the middle of its hour, without a lease or a failure. */
function activeGrant ({ refresh, ...changes }: Partial<Omit<ActiveGrant, 'refresh'>> & { refresh?: Partial<RefreshState> } = {}): ActiveGrant {
  return {
    ...home,
    status: 'active',
    epoch: 'epoch 1',
    consentId: 'consent-1',
    scopes: ['boards:read'],
    connectedAt: now - 10 * hourMs,
    usedAt: now - 5 * hourMs,
    pair: { accessToken: 'access-1', refreshToken: 'refresh-1', issuedAt: now - hourMs / 2, expiresAt: now + hourMs / 2 },
    refresh: { ...idle, ...refresh },
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
    reported: false,
    ...changes
  }
}

const disconnectedGrant: DisconnectedGrant = { ...home, status: 'disconnected', epoch: 'epoch 2' }

// decide: every state of an active grant, in words.

const tokens = {
  fresh: [now - hourMs / 2, now + hourMs / 2],
  due: [now - 0.95 * hourMs, now + 0.05 * hourMs],
  expired: [now - hourMs, now],
  endless: [now - hourMs, null]
} as const
const aheadMs = 2000
const leases = { none: 0, new: 1, live: aheadMs, 'just live': leaseMs, expired: leaseMs + 1 } as const
const refusals = {
  none: null,
  'not over': now + 1,
  'at its end': now,
  over: now - 1,
  'an hour ahead': now + hourMs,
  absurd: now + hourMs + 5 * minuteMs + 1
} as const
const backOffs = {
  none: null,
  past: now - 1,
  over: now,
  ahead: now + 1,
  far: now + 15 * minuteMs,
  absurd: now + 15 * minuteMs + 1
} as const
const forcedRefreshes = {
  never: null,
  lately: now - minuteMs + 1,
  'a minute ago': now - minuteMs,
  'by a clock slightly ahead': now + minuteMs - 1,
  'by a clock far ahead': now + minuteMs
} as const
const needs = {
  'a valid token': { kind: 'valid' },
  'a fresh token': { kind: 'fresh' },
  'another than this': { kind: 'other-than', accessToken: 'access-1' },
  'another than some other': { kind: 'other-than', accessToken: 'access-0' },
  'one of today': { kind: 'issued-after', instant: now - 24 * hourMs },
  'one from now on': { kind: 'issued-after', instant: now }
} as const

/** What is stored. */
interface Stored {
  token: keyof typeof tokens
  refreshable: boolean
  lease: keyof typeof leases
  unclear: keyof typeof refusals
  answerLost: boolean
  backOff: keyof typeof backOffs
  forced: keyof typeof forcedRefreshes
}

/** What is asked for. */
interface Call {
  need: keyof typeof needs
  mayRefreshAhead: boolean
}

type State = Stored & Call
type Axes<T> = { [K in keyof T]: ReadonlyArray<T[K]> }

const storedAxes: Axes<Stored> = {
  token: keysOf(tokens),
  refreshable: [true, false],
  lease: keysOf(leases),
  unclear: keysOf(refusals),
  answerLost: [true, false],
  backOff: keysOf(backOffs),
  forced: keysOf(forcedRefreshes)
}

const callAxes: Axes<Call> = { need: keysOf(needs), mayRefreshAhead: [true, false] }

function keysOf<K extends string> (record: Record<K, unknown>): K[] {
  return Object.keys(record).filter((key): key is K => key in record)
}

/** Every combination of the values of all axes. */
function combine<T extends object> (axes: Axes<T>): T[] {
  let combined: Array<Partial<T>> = [{}]
  for (const [name, values] of Object.entries<readonly unknown[]>(axes)) {
    combined = combined.flatMap((state) => values.map((value) => ({
      ...state,
      [name]: value
    })))
  }
  return combined as T[]
}

function recordOf (state: Stored): ActiveGrant {
  const [issuedAt, expiresAt] = tokens[state.token]
  const retryAt = refusals[state.unclear]
  return activeGrant({
    pair: { accessToken: 'access-1', refreshToken: state.refreshable ? 'refresh-1' : null, issuedAt, expiresAt },
    refresh: {
      lease: state.lease === 'none' ? null : { id: 'another' },
      unclear: retryAt === null ? null : unclearRefusals({ count: 2, retryAt }),
      retryAt: backOffs[state.backOff],
      answerLost: state.answerLost,
      forcedAt: forcedRefreshes[state.forced]
    }
  })
}

/** Whether a valid pair is used without refreshing it ahead. */
function isUsedAsItIs ({ token, refreshable, lease, unclear, backOff, mayRefreshAhead }: State): boolean {
  if (!refreshable) return true
  if (lease !== 'none') return ['live', 'just live'].includes(lease)
  return token !== 'due' || unclear !== 'none' || ['ahead', 'far'].includes(backOff) || !mayRefreshAhead
}

/** The rules of decide in words: the first that applies gives the decision. */
const rules: Array<[(state: State) => boolean, (state: State) => string]> = [
  [(state) => state.need === 'a valid token' && state.token !== 'expired' && isUsedAsItIs(state), () => 'use'],
  [({ need, token, lease }) => need === 'a valid token' && token !== 'expired' && lease === 'new', () => `ahead ${aheadMs - 1}`],
  [({ need, token, lease }) => need === 'a valid token' && token !== 'expired' && lease === 'expired', () => `ahead ${aheadMs}, take over`],
  [({ need, token }) => need === 'a valid token' && token !== 'expired', () => `ahead ${aheadMs}`],
  [({ need, token }) => need === 'a fresh token' && ['fresh', 'endless'].includes(token), () => 'use'],
  [({ need, token }) => need === 'another than some other' && token !== 'expired', () => 'use'],
  [({ need }) => need === 'one of today', () => 'use'],
  [({ refreshable }) => !refreshable, () => 'reauthorize no_refresh_token'],
  [({ lease }) => lease === 'expired', () => 'wait, expired'],
  [({ lease }) => lease !== 'none', ({ answerLost }) => answerLost ? 'wait, answer lost' : 'wait'],
  [({ unclear }) => ['not over', 'an hour ahead'].includes(unclear), ({ answerLost }) => answerLost ? 'reauthorize response_lost' : 'reauthorize unclear'],
  [({ backOff }) => backOff === 'ahead', () => `backing-off until ${now + 1}`],
  [({ backOff }) => backOff === 'far', () => `backing-off until ${now + 15 * minuteMs}`],
  [({ need, forced }) => needs[need].kind === 'other-than' && ['lately', 'by a clock slightly ahead'].includes(forced), () => 'forced-lately'],
  [() => true, () => 'refresh']
]

function spell (decision: Decision): string {
  switch (decision.action) {
    case 'use-and-refresh-ahead': return `ahead ${decision.waitMs}${decision.takeOver ? ', take over' : ''}`
    case 'wait': return decision.isLeaseExpired ? 'wait, expired' : decision.isAnswerLost ? 'wait, answer lost' : 'wait'
    case 'fail': {
      const { failure } = decision
      if (failure.why === 'reauthorize') return `reauthorize ${failure.reason}`
      return failure.why === 'backing-off' ? `backing-off until ${failure.retryAt}` : failure.why
    }
    default: return decision.action
  }
}

t.test('decide: examples', async (t) => {
  const fresh: TokenNeed = { kind: 'fresh' }
  const expired = { accessToken: 'access-1', refreshToken: 'refresh-1', issuedAt: now - hourMs, expiresAt: now }
  const decided = (record: GrantRecord | null, need: TokenNeed = fresh, ageMs = 0): string =>
    spell(decide(record, need, { ...usual, ageMs }))

  t.equal(decided(null), 'not-connected', 'nothing is stored')
  t.equal(decided(disconnectedGrant), 'not-connected', 'the person disconnected')
  for (const reason of ['refused', 'response_lost', 'unclear', 'no_refresh_token', 'revoked'] satisfies ReauthorizeReason[]) {
    t.equal(decided(rejectedGrant({ reason })), `reauthorize ${reason}`, 'a tombstone has its reason')
    t.equal(decided(rejectedGrant({ reason }), { kind: 'other-than', accessToken: 'access-1' }), `reauthorize ${reason}`)
  }
  t.equal(decided(activeGrant()), 'use', 'a fresh pair is used')
  t.equal(decided(activeGrant({ refresh: { lease: { id: 'a' }, unclear: unclearRefusals({ retryAt: now + minuteMs }) } })), 'use', 'a fresh pair is used whatever else the record holds')
  t.equal(decided(activeGrant({ pair: expired })), 'refresh', 'an expired pair is refreshed')
  t.equal(decided(activeGrant({ pair: expired, refresh: { lease: { id: 'a' } } }), fresh, leaseMs), 'wait', 'a lease is valid for its whole time')
  t.equal(decided(activeGrant({ pair: expired, refresh: { lease: { id: 'a' } } }), fresh, leaseMs + 1), 'wait, expired', 'a lease is expired after its time')
  t.equal(decided(activeGrant({ pair: expired }), fresh, 100 * leaseMs), 'refresh', 'the age of a record without a lease does not matter')
  t.equal(decided(activeGrant({ pair: expired, refresh: { retryAt: now + 60 * minuteMs } })), 'refresh', 'a back-off longer than any that is set comes from a clock that runs ahead, and is over')
  t.equal(decided(activeGrant(), { kind: 'issued-after', instant: activeGrant().pair.issuedAt }), 'refresh', 'a pair that was issued at the instant was not issued after it')
  t.equal(decided(activeGrant({ pair: { ...expired, refreshToken: null } })), 'reauthorize no_refresh_token', 'an expired pair without a refresh token needs a new sign-in')
  t.equal(decided(activeGrant(), { kind: 'other-than', accessToken: 'access-0' }), 'use', 'a refused token that was replaced needs no refresh')
  t.equal(decided(activeGrant(), { kind: 'other-than', accessToken: 'access-1' }), 'refresh', 'a refused token that is the current one forces a refresh')
  t.equal(decided(activeGrant({ refresh: { forcedAt: now - 59_999 } }), { kind: 'other-than', accessToken: 'access-1' }), 'forced-lately', 'but not within a minute of the last one')
  t.equal(decided(activeGrant({ pair: expired, refresh: { forcedAt: now - 1 } })), 'refresh', 'a forced refresh does not hold back one that is due')
})

t.test('decide: a process whose clock is behind keeps to the 60 minutes after an unclear refusal', async (t) => {
  const expired = { accessToken: 'access-1', refreshToken: 'refresh-1', issuedAt: now - hourMs, expiresAt: now - minuteMs }
  for (const behindMs of [0, 1, 1000, 5 * minuteMs]) {
    const record = activeGrant({
      pair: expired,
      refresh: { unclear: unclearRefusals({ count: 3, retryAt: now + behindMs + hourMs }) }
    })
    const decision = decide(record, { kind: 'valid' }, usual)
    t.equal(spell(decision), 'reauthorize unclear', `${behindMs} ms behind`)
  }
})

t.test('decide: a back-off that a clock a day ahead wrote does not end refreshing ahead', async (t) => {
  const due = { accessToken: 'access-1', refreshToken: 'refresh-1', issuedAt: now - 0.95 * hourMs, expiresAt: now + 0.05 * hourMs }
  const record = activeGrant({ pair: due, refresh: { failures: 1, retryAt: now + 24 * hourMs } })
  const usable = { pair: due, consentId: 'consent-1' }
  t.strictSame(decide(record, { kind: 'valid' }, usual), { action: 'use-and-refresh-ahead', usable, waitMs: aheadMs, takeOver: false })
})

// applyResult: every record that a result can meet, with every verdict.

const request: RefreshRequest = {
  epoch: 'epoch 1',
  refreshToken: 'refresh-1',
  refreshTokenHash: hashRefreshToken('refresh-1'),
  leaseId: 'ours',
  forced: false,
  asked: true,
  sentAt: now - 500
}
const answer: TokenAnswer = { accessToken: 'access-2', refreshToken: 'refresh-2', expiresInMs: 3_599_000, scopes: ['boards:read', 'boards:write'], userId: null, teamId: null, isBearer: true }
const ours = activeGrant({ refresh: { lease: { id: 'ours' } } })
const rotated = { accessToken: 'access-9', refreshToken: 'refresh-9', issuedAt: now, expiresAt: now + hourMs }

const verdicts = {
  ok: { kind: 'ok', answer },
  rejected: { kind: 'rejected' },
  unclear: { kind: 'unclear', status: 401 },
  'not sent': { kind: 'not-sent', errorCode: 'ECONNREFUSED' },
  throttled: { kind: 'throttled', retryAfterMs: null },
  ambiguous: { kind: 'ambiguous', status: 503, errorCode: null },
  config: { kind: 'config', secret: false, status: 404 },
  'config, secret': { kind: 'config', secret: true, status: 401 }
} satisfies Record<string, Verdict>

function applied (current: GrantRecord | null, verdict: Verdict, secretWorkedSince = false): ResultAction {
  return applyResult(current, request, verdict, { ...unknown, secretWorkedSince })
}

/** The result of a request that a 401 of Miro's API forced. */
function appliedForced (current: GrantRecord | null, verdict: Verdict): ResultAction {
  return applyResult(current, { ...request, forced: true }, verdict, unknown)
}

function active (result: ResultAction): ActiveGrant {
  if (result.action === 'write' && result.next.status === 'active') return result.next
  throw new Error(`no active grant: ${JSON.stringify(result)}`)
}

/** The action of a result in one or two words. */
function outcomeOf (result: ResultAction): string {
  if (result.action === 'already-stored') return 'stored'
  if (result.action === 'discard') return result.why === 'disconnected' ? 'revoke' : result.why
  const { next } = result
  if (next.status !== 'active') return next.status
  if (next.pair.accessToken === 'access-2') return 'new pair'
  if (next.refresh.unclear !== null) return 'unclear'
  return next.refresh.answerLost ? 'back off, answer lost' : 'back off'
}

const gone = ['gone', 'gone', 'gone', 'gone', 'gone', 'gone', 'gone', 'gone']
const superseded = ['superseded', 'superseded', 'superseded', 'superseded', 'superseded', 'superseded', 'superseded', 'superseded']
const notOurs = superseded.slice(2)

/** One row per record that a result can meet; one column per verdict, in the order of `verdicts`. */
const currentRecords: Record<string, [GrantRecord | null, string[]]> = {
  'nothing, the record is gone': [null, gone],
  'a disconnected grant': [disconnectedGrant, ['revoke', ...superseded.slice(1)]],
  'a disconnected grant of the same epoch, which cannot be': [{ ...disconnectedGrant, epoch: 'epoch 1' }, ['revoke', ...superseded.slice(1)]],
  'a tombstone of this refresh token': [rejectedGrant(), ['new pair', ...superseded.slice(1)]],
  'a tombstone of another refresh token': [rejectedGrant({ refreshTokenHash: hashRefreshToken('refresh-9') }), superseded],
  'a tombstone without a refresh token': [rejectedGrant({ refreshTokenHash: null }), superseded],
  'a tombstone of this refresh token in another epoch': [rejectedGrant({ epoch: 'epoch 2' }), superseded],
  'the record under our lease': [ours, ['new pair', 'rejected', 'unclear', 'back off', 'back off', 'back off, answer lost', 'back off', 'back off']],
  'the record under another\'s lease': [activeGrant({ refresh: { lease: { id: 'theirs' } } }), ['new pair', 'rejected', ...notOurs]],
  'the record without a lease': [activeGrant(), ['new pair', 'rejected', ...notOurs]],
  'a record that another refresh rotated': [activeGrant({ pair: rotated }), superseded],
  'a record that another refresh rotated, under our lease': [activeGrant({ pair: rotated, refresh: { lease: { id: 'ours' } } }), superseded],
  'a newer connect with the same refresh token': [activeGrant({ epoch: 'epoch 2', refresh: { lease: { id: 'ours' } } }), superseded],
  'a newer connect with other tokens': [activeGrant({ epoch: 'epoch 2', pair: rotated }), superseded],
  'a newer connect that holds the very pair': [activeGrant({ epoch: 'epoch 2', pair: { ...rotated, accessToken: 'access-2', refreshToken: 'refresh-2' } }), superseded],
  'a grant without a refresh token': [activeGrant({ pair: { ...rotated, refreshToken: null } }), superseded],
  'our result, stored already': [activeGrant({ pair: { ...rotated, accessToken: 'access-2', refreshToken: 'refresh-2' } }), ['stored', ...superseded.slice(1)]]
}

for (const [name, [current, expected]] of Object.entries(currentRecords)) {
  t.test(`apply result: every verdict meets ${name}`, async (t) => {
    for (const [index, [verdict, value]] of Object.entries(verdicts).entries()) {
      t.equal(
        outcomeOf(applied(current, value)),
        expected[index],
        verdict
      )
    }
  })
}

t.test('apply result: a new pair', async (t) => {
  const troubled = activeGrant({
    userName: 'Ada',
    teamName: 'Engines',
    refresh: {
      lease: { id: 'theirs' },
      retryAt: now + 1,
      failures: 3,
      answerLost: true,
      unclear: unclearRefusals({ count: 2, workedBetween: 1, retryAt: 3 }),
      forcedAt: now - 5
    }
  })
  t.strictSame(applied(troubled, verdicts.ok), {
    action: 'write',
    next: {
      ...troubled,
      scopes: ['boards:read', 'boards:write'],
      pair: { accessToken: 'access-2', refreshToken: 'refresh-2', issuedAt: now - 500, expiresAt: now - 500 + 3_599_000 },
      usedAt: now - 500,
      refresh: { ...idle, forcedAt: now - 5 }
    }
  }, 'clears every trouble, keeps everything else, and is dated from its request')
  const unasked = applyResult(troubled, { ...request, asked: false }, verdicts.ok, unknown)
  t.equal(active(unasked).usedAt, troubled.usedAt, 'does not count as a use of the grant if no caller asked for it')
  t.strictSame(active(applied(rejectedGrant({ userName: 'Ada' }), verdicts.ok)), {
    ...active(applied(ours, verdicts.ok)), userName: 'Ada'
  }, 'over a tombstone, restores the grant with its names and consent')
  const partial = active(applied(ours, { kind: 'ok', answer: { ...answer, refreshToken: null, scopes: null } }))
  t.equal(partial.pair.refreshToken, 'refresh-1', 'keeps the refresh token where Miro sent none')
  t.strictSame(partial.scopes, ['boards:read'], 'keeps the scopes where Miro sent none')
  t.strictSame(active(applied(ours, { kind: 'ok', answer: { ...answer, scopes: [] } })).scopes, [], 'takes an empty list of scopes')
  t.strictSame(applied(partial, { kind: 'ok', answer: { ...answer, refreshToken: null } }), { action: 'already-stored' }, 'is recognised as stored though the refresh token did not change')
})

t.test('apply result: an answer without a refresh token', async (t) => {
  const keeps: Verdict = { kind: 'ok', answer: { ...answer, refreshToken: null } }
  /** The record after another answer that kept the refresh token, for a request sent so much later than ours. */
  const laterBy = (ms: number, refresh: Partial<RefreshState> = {}): ActiveGrant => activeGrant({
    pair: { ...rotated, refreshToken: 'refresh-1', issuedAt: request.sentAt + ms }, refresh
  })
  const underOurLease = { lease: { id: 'ours' } }
  t.equal(outcomeOf(applied(laterBy(1), keeps)), 'superseded', 'does not replace the pair of a later request')
  t.equal(outcomeOf(applied(laterBy(0), keeps)), 'new pair', 'replaces a pair that is not newer')
  t.equal(outcomeOf(applied(laterBy(1), verdicts.ok)), 'new pair', 'unlike one that rotates the pair, which is the only live one')
  t.equal(outcomeOf(applied(laterBy(1, underOurLease), keeps)), 'new pair', 'is what the record waits for under our lease')
  t.equal(outcomeOf(applied(rejectedGrant(), keeps)), 'new pair', 'restores a tombstone')
  const same = laterBy(0, underOurLease)
  const again = applied(same, { kind: 'ok', answer: { ...answer, accessToken: same.pair.accessToken, refreshToken: null } })
  t.strictSame(active(again).refresh, idle, 'gives our lease back though it brings the pair that is stored')
})

t.test('apply result: a forced refresh', async (t) => {
  const underOurs = underLease({ forcedAt: now - 5 })
  for (const verdict of [verdicts.ok, verdicts.unclear, verdicts.ambiguous, verdicts.config, verdicts['config, secret']]) {
    t.equal(active(appliedForced(underOurs, verdict)).refresh.forcedAt, request.sentAt, `${verdict.kind}: is dated from its request`)
    t.equal(active(applied(underOurs, verdict)).refresh.forcedAt, now - 5, `${verdict.kind}: stays as it is without another`)
  }
  for (const verdict of [verdicts['not sent'], verdicts.throttled]) {
    t.equal(active(appliedForced(underOurs, verdict)).refresh.forcedAt, now - 5, `${verdict.kind}: does not count, since Miro did not act on it`)
  }
  t.equal(active(appliedForced(rejectedGrant(), verdicts.ok)).refresh.forcedAt, request.sentAt, 'is noted over a tombstone')
  const first = active(appliedForced(ours, verdicts.unclear))
  t.equal(first.refresh.unclear?.forced, true, 'is noted with an unclear refusal')
  t.equal(active(applied(leasedAgain(first), verdicts.unclear)).refresh.unclear?.forced, true, 'and not forgotten at the next')
})

t.test('apply result: a tombstone', async (t) => {
  t.strictSame(applied(activeGrant({ userName: 'Ada', refresh: { lease: { id: 'ours' }, failures: 2 } }), verdicts.rejected), {
    action: 'write', next: rejectedGrant({ userName: 'Ada' })
  }, 'keeps the hash for a late success, and no token')
  const { next } = applied(activeGrant({ refresh: { answerLost: true } }), verdicts.rejected) as Extract<ResultAction, { action: 'write' }>
  t.equal(next.status === 'rejected' && next.reason, 'response_lost', 'names a lost answer as the better explanation')
  t.equal(toTombstone(activeGrant({ refresh: { answerLost: true } }), 'revoked').reason, 'revoked', 'has the reason `revoked` after Miro confirmed it')
  t.equal(toTombstone(activeGrant({ pair: { ...rotated, refreshToken: null } }), 'revoked').refreshTokenHash, null)
})

/** The record under our lease, with this refresh state besides. */
function underLease (refresh: Partial<RefreshState> = {}): ActiveGrant {
  return activeGrant({ refresh: { lease: { id: 'ours' }, ...refresh } })
}

/** The same record under our lease again. */
function leasedAgain (record: ActiveGrant): ActiveGrant {
  return { ...record, refresh: { ...record.refresh, lease: { id: 'ours' } } }
}

t.test('apply result: an unclear refusal', async (t) => {
  t.test('is followed by the same token after 1, 10 and 60 minutes, and then every hour', async (t) => {
    let current = ours
    for (const [index, minutes] of [1, 10, 60, 60, 60].entries()) {
      const next = active(applied(current, verdicts.unclear))
      const unclear = unclearRefusals({ count: index + 1, retryAt: now + minutes * minuteMs })
      t.strictSame(next, { ...current, refresh: { ...current.refresh, lease: null, unclear } })
      current = leasedAgain(next)
    }
  })

  t.test('becomes a tombstone once the secret worked between three refusals', async (t) => {
    const refused = (
      count: number,
      workedBetween: number
    ): ActiveGrant => underLease({ unclear: unclearRefusals({ count, workedBetween }) })
    const workedBetween = (result: ResultAction): number | undefined => active(result).refresh.unclear?.workedBetween
    t.strictSame(applied(refused(2, 1), verdicts.unclear, true), { action: 'write', next: rejectedGrant() })
    const lost = underLease({ ...refused(5, 1).refresh, answerLost: true })
    t.strictSame(applied(lost, verdicts.unclear, true), { action: 'write', next: rejectedGrant({ reason: 'response_lost' }) })
    t.equal(outcomeOf(applied(refused(5, 1), verdicts.unclear, false)), 'unclear')
    t.equal(workedBetween(applied(refused(1, 0), verdicts.unclear, true)), 1)
    t.equal(workedBetween(applied(refused(4, 0), verdicts.unclear, true)), 1, 'refusals without a success between them count once')
    t.equal(workedBetween(applied(refused(2, 1), verdicts.unclear, false)), 1, 'earlier counts are kept')
    t.equal(workedBetween(applied(ours, verdicts.unclear, true)), 0, 'a success before the first refusal does not count')
    const theirs = activeGrant({ refresh: { ...refused(2, 1).refresh, lease: { id: 'theirs' } } })
    t.equal(outcomeOf(applied(theirs, verdicts.unclear, true)), 'superseded', 'a refusal under another\'s lease changes nothing')
  })

  t.test('is kept through failures that say nothing about it', async (t) => {
    const unclear = unclearRefusals({ count: 2, workedBetween: 1, retryAt: 3 })
    for (const verdict of [verdicts['not sent'], verdicts.throttled, verdicts.ambiguous, verdicts.config]) {
      t.strictSame(active(applied(underLease({ unclear }), verdict)).refresh.unclear, unclear, verdict.kind)
    }
  })
})

t.test('apply result: a failure that costs the grant nothing', async (t) => {
  t.test('backs off twice as long each time, up to a minute', async (t) => {
    for (const verdict of [verdicts['not sent'], verdicts.throttled, verdicts.ambiguous]) {
      let current = ours
      for (const [index, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
        const next = active(applied(current, verdict))
        const changes = { lease: null, failures: index + 1, retryAt: now + seconds * 1000, answerLost: verdict.kind === 'ambiguous' }
        t.strictSame(next, { ...current, refresh: { ...current.refresh, ...changes } }, verdict.kind)
        current = leasedAgain(next)
      }
    }
    t.equal(active(applied(underLease({ failures: 100_000 }), verdicts.ambiguous)).refresh.retryAt, now + minuteMs)
  })

  t.test('gives the lease back and changes nothing else where the app is to blame', async (t) => {
    for (const verdict of [verdicts.config, verdicts['config, secret']]) {
      t.strictSame(active(applied(ours, verdict)), { ...ours, refresh: { ...ours.refresh, lease: null } }, verdict.kind)
    }
  })

  t.test('waits as long as Miro asks, and ten minutes at most', async (t) => {
    const waits: Array<[number | null, number]> = [
      [null, 1000], [0, 1000], [999, 1000], [1001, 1001], [45_000, 45_000], [10 * minuteMs, 10 * minuteMs],
      [10 * minuteMs + 1, 10 * minuteMs], [Number.MAX_SAFE_INTEGER, 10 * minuteMs]
    ]
    for (const [retryAfterMs, expected] of waits) {
      t.equal(active(applied(ours, { kind: 'throttled', retryAfterMs })).refresh.retryAt, now + expected, `${retryAfterMs} ms`)
    }
    const long = active(applied(underLease({ failures: 9 }), { kind: 'throttled', retryAfterMs: 5000 }))
    t.equal(long.refresh.retryAt, now + minuteMs, 'its own back-off where that is longer')
  })

  t.test('does not forget a lost answer', async (t) => {
    for (const verdict of [verdicts['not sent'], verdicts.throttled, verdicts.config, verdicts.unclear]) {
      t.equal(active(applied(underLease({ answerLost: true }), verdict)).refresh.answerLost, true, verdict.kind)
    }
  })
})

t.test('apply result: a written record can be read again, and the current one is not mutated', async (t) => {
  const frozen = Object.freeze({ ...ours, pair: Object.freeze({ ...ours.pair }), refresh: Object.freeze({ ...ours.refresh, lease: Object.freeze({ id: 'ours' }) }) })
  for (const current of [frozen, rejectedGrant()]) {
    for (const verdict of Object.values(verdicts)) {
      const result = applied(current, verdict)
      if (result.action === 'write') t.strictSame(parseGrant(serializeGrant(result.next), home), result.next)
    }
  }
})

t.test('apply result: the state of a pair that was just stored is free of every trouble', async (t) => {
  t.strictSame(idle, {
    lease: null, retryAt: null, failures: 0, answerLost: false, unclear: null, forcedAt: null, reported: false
  })
})

t.test('revocation: what Miro\'s answer means, by its status alone', async (t) => {
  const meanings: Array<[ReturnType<typeof judgeRevocation>, number[]]> = [
    ['revoked', [200, 204, 299]],
    ['unknown', [400, 404]],
    ['refused', [401, 402, 403, 405, 409, 410, 422, 499]],
    ['put-off', [100, 199, 300, 302, 399, 408, 425, 429, 500, 503, 599]]
  ]
  for (const [meaning, statuses] of meanings) {
    for (const status of statuses) {
      t.equal(judgeRevocation({ kind: 'answer', status, headers: new Headers(), body: '' }), meaning, String(status))
    }
  }
  t.equal(judgeRevocation({ kind: 'no-answer', cause: null }), 'put-off', 'an answer that was lost is Miro\'s trouble with this pair')
  t.equal(judgeRevocation({ kind: 'not-sent', cause: null }), 'put-off-all', 'a request that was not sent would not be for the others either')
})

t.test('circuit breaker:', async (t) => {
  const clockAt = (at = now): { clock: ReturnType<typeof createFakeClock>, health: ClientHealth } => {
    const clock = createFakeClock(at)
    return { clock, health: new ClientHealth(clock) }
  }

  t.test('admits every request until three grants are refused unclearly with no success between', async (t) => {
    const { health } = clockAt()
    health.refusedUnclearly('a')
    health.refusedUnclearly('b')
    t.equal(health.isRefused, false)
    t.ok(health.admit().admitted)
    t.ok(health.admit().admitted)
    health.refusedUnclearly('c')
    t.equal(health.isRefused, true)
    t.ok(health.admit().admitted, 'a first probe goes out at once')
    t.notOk(health.admit().admitted)
  })

  t.test('counts a grant once, however often it is refused', async (t) => {
    const { health } = clockAt()
    for (let times = 0; times < 5; times++) health.refusedUnclearly('a')
    health.refusedUnclearly('b')
    t.equal(health.isRefused, false)
  })

  t.test('counts from zero after a success', async (t) => {
    const { clock, health } = clockAt()
    health.refusedUnclearly('a')
    health.refusedUnclearly('b')
    health.worked(now + 1)
    clock.jump(2)
    health.refusedUnclearly('c')
    health.refusedUnclearly('d')
    t.equal(health.isRefused, false)
    health.refusedUnclearly('e')
    t.equal(health.isRefused, true)
  })

  t.test('opened by a refusal of the app by name, lets one probe through every thirty seconds', async (t) => {
    const { clock, health } = clockAt()
    health.misconfigured()
    t.equal(health.isRefused, true)
    t.equal(health.retryAfterMs, 30_000)
    clock.jump(29_999)
    t.strictSame(health.admit(), { admitted: false, worthWaiting: true })
    t.equal(health.retryAfterMs, 1)
    clock.jump(1)
    const probe = health.admit()
    t.ok(probe.admitted)
    t.notOk(health.admit().admitted, 'one at a time')
    health.misconfigured()
    if (probe.admitted) probe.end()
    clock.jump(29_999)
    health.refusedUnclearly('a')
    t.notOk(health.admit().admitted)
    clock.jump(1)
    t.ok(health.admit().admitted, 'failures of others do not put the next probe off')
  })

  t.test('opened by a suspicion, asks with the next grant at once, and then 1, 2, 4 … 30 s apart', async (t) => {
    const { clock, health } = clockAt()
    for (const grant of ['a', 'b', 'c']) health.refusedUnclearly(grant)
    for (const [index, seconds] of [1, 2, 4, 8, 16, 30, 30].entries()) {
      const probe = health.admit()
      t.ok(probe.admitted)
      t.strictSame(health.admit(), { admitted: false, worthWaiting: true }, 'its answer is worth waiting for')
      health.refusedUnclearly(`probe ${index}`)
      if (probe.admitted) probe.end()
      t.equal(health.retryAfterMs, seconds * 1000)
      t.strictSame(health.admit(), { admitted: false, worthWaiting: seconds <= 4 })
      clock.jump(seconds * 1000)
    }
  })

  t.test('lets the next probe through at once where one brought no verdict', async (t) => {
    const { health } = clockAt()
    for (const grant of ['a', 'b', 'c']) health.refusedUnclearly(grant)
    const probe = health.admit()
    if (probe.admitted) probe.end()
    t.ok(health.admit().admitted)
  })

  t.test('closes after a success that was sent after the trouble', async (t) => {
    const { clock, health } = clockAt()
    health.misconfigured()
    health.worked(now - 1)
    t.equal(health.isRefused, true)
    clock.jump(1)
    health.worked(now + 1)
    t.equal(health.isRefused, false)
    t.equal(health.retryAfterMs, 0)
    t.ok(health.admit().admitted)
    t.ok(health.admit().admitted)
  })

  t.test('knows that the app recovered, for records that were written before', async (t) => {
    const { clock, health } = clockAt()
    health.worked(now)
    clock.jump(1000)
    t.notOk(health.recoveredSince(500), 'a success without trouble is no recovery')
    health.refusedUnclearly('a')
    t.notOk(health.isInDoubt, 'one grant may have trouble of its own')
    health.refusedUnclearly('b')
    t.ok(health.isInDoubt)
    clock.jump(1000)
    health.worked(now + 2000)
    t.notOk(health.isInDoubt)
    clock.jump(10)
    t.ok(health.recoveredSince(1000))
    t.notOk(health.recoveredSince(5))
  })
})

t.test('decide: who is to blame for an unclear refusal', async (t) => {
  const expired = { accessToken: 'access-1', refreshToken: 'refresh-1', issuedAt: now - hourMs, expiresAt: now - minuteMs }
  const decided = (unclear: Partial<UnclearRefusals>, app: Partial<typeof usual.app> = {}, secretId = 'secret-1'): string => {
    const record = activeGrant({
      pair: expired,
      refresh: { unclear: unclearRefusals({ retryAt: now + minuteMs, ...unclear }) }
    })
    return spell(decide(record, { kind: 'valid' }, { ...usual, secretId, app: { ...usual.app, ...app } }))
  }
  const yes = (): boolean => true
  t.equal(decided({}), 'app-in-doubt', 'a first refusal may be the app\'s fault')
  const spent = { ...expired, issuedAt: now - 60 * 24 * hourMs }
  const past = activeGrant({ pair: spent, refresh: { unclear: unclearRefusals({ retryAt: now + minuteMs }) } })
  t.equal(spell(decide(past, { kind: 'valid' }, usual)), 'reauthorize unclear', 'the refresh token is past its 60 days')
  t.equal(decided({}, { secretWorkedSince: yes }), 'reauthorize unclear', 'the secret worked for another grant since')
  t.equal(decided({ forced: true }), 'reauthorize unclear', 'Miro\'s API refused the access token too')
  t.equal(decided({ count: 2 }), 'reauthorize unclear', 'refused again, and it alone')
  t.equal(decided({ count: 5 }, { isInDoubt: true }), 'app-in-doubt', 'other grants are refused too')
  t.equal(decided({ count: 5, appInDoubt: true }), 'app-in-doubt', 'other grants were refused too, as another process saw')
  t.equal(decided({ count: 5, appInDoubt: true }, { secretWorkedSince: yes }), 'reauthorize unclear', 'until the secret worked')
  t.equal(decided({ count: 5 }, {}, 'secret-2'), 'refresh', 'under a new secret the same token is sent at once')
  t.equal(decided({ appInDoubt: true }, { recoveredSince: yes }), 'refresh', 'so it is once the app recovered')
  t.equal(decided({}, { recoveredSince: yes, secretWorkedSince: yes }), 'reauthorize unclear', 'but not for a refusal outside the trouble')
})

t.test('apply result: an unclear refusal under a new secret starts to count anew', async (t) => {
  const record = underLease({ unclear: unclearRefusals({ count: 4, workedBetween: 1, secretId: 'secret-0' }) })
  const next = active(applyResult(record, request, verdicts.unclear, {
    ...unknown,
    secretWorkedSince: true,
    appInDoubt: true
  }))
  t.strictSame(next.refresh.unclear, unclearRefusals({ retryAt: now + minuteMs, appInDoubt: true }))
})

// The stored records.

const full = activeGrant({
  userName: 'Ada',
  teamName: 'Engines',
  refresh: { lease: { id: 'ours' }, retryAt: 1, unclear: unclearRefusals({ retryAt: 1 }), forcedAt: 1 }
})

function isRefused (body: string, at = home): boolean {
  try {
    parseGrant(body, at)
    return false
  } catch (error) {
    if (error instanceof RecordError && error.code === 'MIRO_RECORD' && !inspect(error).includes('access-1')) return true
    throw error
  }
}

t.test('grant record:', async (t) => {
  t.test('comes back as it was stored', async (t) => {
    const odd = activeGrant({ userName: 'Zoë "😀" \u2028\\', teamName: '', scopes: [], pair: { ...rotated, refreshToken: null, expiresAt: null } })
    for (const record of [full, activeGrant(), odd, rejectedGrant(), rejectedGrant({ refreshTokenHash: null, userName: 'Ada' }), disconnectedGrant]) {
      t.strictSame(parseGrant(serializeGrant(record), home), record, record.status)
    }
  })

  t.test('is refused if a field is missing or of another type', async (t) => {
    const optional = ['userName', 'teamName']
    const nullable = ['refreshToken', 'expiresAt', 'lease', 'unclear', 'forcedAt', 'refreshTokenHash']
    const samples: unknown[] = ['text', '', 5, true, null, [], ['text'], [5], {}]
    const kindOf = (value: unknown): string => Array.isArray(value) ? 'array' : typeof value
    for (const record of [full, rejectedGrant({ userName: 'Ada', teamName: 'Engines' }), disconnectedGrant]) {
      const holders: Array<[string, object, (holder: object) => object]> = [[record.status, record, (holder) => holder]]
      if (record === full) {
        for (const name of ['pair', 'refresh'] as const) holders.push([name, full[name], (holder) => ({ ...full, [name]: holder })])
        for (const name of ['lease', 'unclear'] as const) {
          holders.push([name, full.refresh[name] ?? {}, (holder) => ({
            ...full,
            refresh: { ...full.refresh, [name]: holder }
          })])
        }
      }
      for (const [holderName, holder, wrap] of holders) {
        for (const [name, value] of Object.entries(holder)) {
          const body = (fields: object): string => JSON.stringify({ format: 1, ...wrap(fields) })
          t.notOk(isRefused(body(holder)))
          const without = Object.fromEntries(Object.entries(holder).filter(([other]) => other !== name))
          t.equal(isRefused(body(without)), !optional.includes(name), `${holderName} without ${name}`)
          for (const sample of samples) {
            const fits = (sample === null && (nullable.includes(name) || (name === 'retryAt' && holderName === 'refresh'))) || (optional.includes(name) && typeof sample === 'string') ||
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

  t.test('is refused if its format is newer or missing, or if it is no record at all', async (t) => {
    for (const format of [0, 2, '1', null, undefined]) t.ok(isRefused(JSON.stringify({ ...full, format })), `format ${String(format)}`)
    t.ok(isRefused(JSON.stringify({ ...full, format: 1, status: 'paused' })))
    const body = serializeGrant(full)
    for (const text of ['', 'null', '5', '"text"', '[]', '{}', `[${body}]`, body.slice(0, -1), `${body}x`, JSON.stringify(body)]) t.ok(isRefused(text), text.slice(0, 10))
  })

  t.test('gives callers a Grant without tokens', async (t) => {
    t.strictSame(toGrant(full), { userId: home.userId, teamId: home.teamId, scopes: ['boards:read'], connectedAt: full.connectedAt, userName: 'Ada', teamName: 'Engines' })
    t.strictSame(Object.keys(toGrant(activeGrant())), ['userId', 'teamId', 'scopes', 'connectedAt'])
  })
})

t.test('grant table:', async (t) => {
  const dayMs = 24 * hourMs
  const clock = createFakeClock(now)
  const store = memoryStore({ clock })
  const table = new GrantTable({ store, clock, clientId: 'app', leaseMs: 120_000 })
  const key = `miro:grant:app:${home.userId}:${home.teamId}`

  t.test('reads what it wrote, and replaces only what was read', async (t) => {
    const nothing = await table.read(home)
    t.strictSame(nothing, { record: null, version: null, ageMs: 0 })
    const written = await table.replace(home, nothing, activeGrant())
    t.ok(written.ok)
    await clock.advance(5)
    t.strictSame(await table.read(home), { ...written.stored, ageMs: 5 })
    const late = await table.replace(home, nothing, full)
    t.strictSame(late, { ok: false, stored: { ...written.stored, ageMs: 5 } }, 'a mismatch returns the current record')
    t.ok((await table.replace(home, written.stored, disconnectedGrant)).ok)
    t.strictSame((await table.read(home)).record, disconnectedGrant)
  })

  t.test('keeps a grant 90 days from its pair, a refusal 90, a disconnect 7, an endless pair for ever', async (t) => {
    const cases: Array<[GrantRecord, number | null]> = [
      [activeGrant(), now - hourMs / 2 + 90 * dayMs],
      [activeGrant({ refresh: { lease: { id: 'ours' } } }), now - hourMs / 2 + 90 * dayMs],
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

  t.test('leaves a record that it cannot read untouched', async (t) => {
    const before = await table.read(home)
    await store.cas(key, before.version, { body: 'not ours', expiresAt: null })
    await t.rejects(table.read(home), RecordError)
    await t.rejects(table.replace(home, before, full), RecordError)
    t.equal((await store.get(key))?.body, 'not ours')
  })
})

t.test('links:', async (t) => {
  const link = (teamId: string, consentId = 'consent-1'): { userId: string, teamId: string, consentId: string } => ({ userId: '1', teamId, consentId })

  t.test('are listed newest first, one per grant, for one app user of one app', async (t) => {
    const store = memoryStore()
    const links = new Links(store, 'app')
    t.strictSame(await links.list('ada'), [])
    for (const teamId of ['1', '2', '3']) await links.add('ada', link(teamId))
    t.strictSame(await links.list('ada'), [link('3'), link('2'), link('1')])
    await links.add('ada', link('1', 'consent-2'))
    t.strictSame(await links.list('ada'), [link('1', 'consent-2'), link('3'), link('2')], 'a new link to a grant replaces the old one, and comes first')
    t.strictSame(await links.list('bob'), [])
    t.strictSame(await new Links(store, 'another app').list('ada'), [])
  })

  t.test('survive concurrent changes', async (t) => {
    const links = new Links(memoryStore(), 'app')
    const teams = Array.from({ length: 20 }, (_, index) => String(index))
    await Promise.all(teams.map((teamId) => links.add('ada', link(teamId))))
    t.strictSame((await links.list('ada')).map(({ teamId }) => teamId).sort(), teams.sort())
  })

  t.test('are refused and left untouched if the record is of another format', async (t) => {
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

/** A promise that a test resolves or rejects. */
function gate<T> (): { opened: Promise<T>, open: (value: T) => void, fail: (error: Error) => void } {
  let open: (value: T) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { opened, open, fail }
}

t.test('single-flight: a flight', async (t) => {
  t.test('is shared by all callers that come while it runs, and ends with its result', async (t) => {
    const flights = new SingleFlight<string>(new Shutdown())
    const { opened, open } = gate<string>()
    let begun = 0
    const work = (): Promise<string> => {
      begun++
      return opened
    }
    const waiters = [flights.join('a', work), flights.join('a', work)]
    await Promise.resolve()
    waiters.push(flights.join('a', work))
    open('result')
    t.strictSame(await Promise.all(waiters.map(({ result }) => result)), ['result', 'result', 'result'])
    t.equal(begun, 1)
    t.equal(await flights.join('a', async () => 'another').result, 'another')
  })

  t.test('is one per name', async (t) => {
    const flights = new SingleFlight<string>(new Shutdown())
    const waiters = ['a', 'b'].map((name) => flights.join(name, async () => name))
    t.strictSame(await Promise.all(waiters.map(({ result }) => result)), ['a', 'b'])
  })

  t.test('rejects for all its callers, and the next caller begins another', async (t) => {
    const flights = new SingleFlight<string>(new Shutdown())
    const failing = (): never => { throw new Error('no') }
    const waiters = [flights.join('a', failing), flights.join('a', failing)]
    for (const { result } of waiters) await t.rejects(result, { message: 'no' })
    t.equal(await flights.join('a', async () => 'yes').result, 'yes')
  })

  t.test('counts its first caller before it begins, and can end once the last has left', async (t) => {
    const flights = new SingleFlight<string>(new Shutdown())
    const { opened, open } = gate<string>()
    let flight: Flight | undefined
    const abandoned: boolean[] = []
    const waiter = flights.join('a', (own) => {
      flight = own
      abandoned.push(own.endIfAbandoned())
      return opened
    })
    await Promise.resolve()
    const second = flights.join('a', async () => 'never')
    waiter.leave()
    abandoned.push(flight?.endIfAbandoned() ?? true)
    second.leave()
    abandoned.push(flight?.endIfAbandoned() ?? false)
    t.strictSame(abandoned, [false, false, true])

    const { opened: nextOpened, open: openNext } = gate<string>()
    const next = flights.join('a', () => nextOpened)
    open('old')
    t.equal(await waiter.result, 'old')
    const joined = flights.join('a', async () => 'a third')
    openNext('next')
    t.equal(await next.result, 'next')
    t.equal(await joined.result, 'next', 'the end of an abandoned flight does not end its successor')
  })

  t.test('is waited for by close, as tracked work is, failing or not', async (t) => {
    const clock = createFakeClock()
    const shutdown = new Shutdown()
    const flights = new SingleFlight<string>(shutdown)
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
    t.equal(closed, false, 'work that began meanwhile is waited for too')
    t.notOk(shutdown.over.aborted)
    gates[2].open('done')
    await done
    t.ok(shutdown.over.aborted)
  })

  t.test('is waited for by close up to its time limit', async (t) => {
    const clock = createFakeClock()
    const shutdown = new Shutdown()
    shutdown.track(gate<string>().opened)
    const done = shutdown.close(clock, 10_000)
    await clock.advance(10_000)
    await done
    t.ok(shutdown.over.aborted)
  })
})

// Behind all quicker tests, since it takes longer than the rest of this file.
t.test('decide: every state that an active grant can be in gets the decision of the rules above', async (t) => {
  const wrong = []
  const outcomes = new Set<string>()
  const calls = combine(callAxes)
  for (const stored of combine(storedAxes)) {
    if (wrong.length > 2) break
    const record = recordOf(stored)
    for (const { need, mayRefreshAhead } of calls) {
      const state = { ...stored, need, mayRefreshAhead }
      const decision = decide(record, needs[need], { ...usual, ageMs: leases[stored.lease], mayRefreshAhead })
      const outcome = spell(decision)
      const expected = rules.find(([applies]) => applies(state))?.[1](state)
      outcomes.add(outcome)
      if (outcome !== expected || ('usable' in decision && decision.usable.pair !== record.pair)) wrong.push({ ...state, expected, got: decision })
    }
  }
  t.strictSame(wrong, [])
  t.equal(outcomes.size, 14)
})
