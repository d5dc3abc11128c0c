import * as fc from 'fast-check'
import t from 'tap'
import {
  countedTokenValues, createTokenModel, defaultRules, type Subject, type TokenModel, type TokenPair, type TokenRules
} from '../src/model/index.js'

const HOUR = 60 * 60_000
const DAY = 24 * HOUR
const ada: Subject = { clientId: 'app', userId: 'ada', teamId: 'acme', scopes: ['boards:read'] }
const expiring = true

const everyRules: TokenRules[] = (['refuse', 'revoke-family'] as const).flatMap((reuse) =>
  (['keep', 'replace'] as const).flatMap((reconnect) =>
    (['pair', 'user'] as const).map((revoke) => ({ reuse, reconnect, revoke }))))

function refresh (model: TokenModel, pair: TokenPair | undefined, now = 0): TokenPair | undefined {
  return model.refresh(pair?.refreshToken ?? '', { clientId: 'app', now })
}

function isLive (model: TokenModel, pair: TokenPair | undefined, now = 0): boolean {
  return pair !== undefined && model.ledger.live({}, now).some(({ id }) => id === pair.id)
}

t.test('token model: the default rules end no pair but the presented one', async (t) => {
  const model = createTokenModel()
  t.same(model.rules, { reuse: 'refuse', reconnect: 'keep', revoke: 'pair' })
  t.same(createTokenModel({ reuse: undefined, revoke: 'user' }).rules, { ...model.rules, revoke: 'user' })
  const first = model.exchange(ada, { now: 0, expiring })
  t.match(first.accessToken, /^eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_[\w-]{27}$/)
  const second = refresh(model, first)
  t.equal(refresh(model, first), undefined)
  t.ok(isLive(model, second), 'presenting a spent token ends no other pair')
  const third = model.exchange(ada, { now: 0, expiring })
  t.ok(isLive(model, second), 'a second connect ends no other pair')
  t.equal(model.revoke(third.accessToken, 0), true)
  t.ok(isLive(model, second), 'a revocation ends one pair')
  t.notOk(isLive(model, third))
})

t.test('reuse detection: revoke-family ends the live pair of the spent token’s family only', async (t) => {
  const model = createTokenModel({ reuse: 'revoke-family' })
  const first = model.exchange(ada, { now: 0, expiring })
  const other = model.exchange(ada, { now: 0, expiring })
  const third = refresh(model, refresh(model, first))
  t.equal(model.refresh(first.refreshToken ?? '', { clientId: 'stranger', now: 1 }), undefined)
  t.ok(isLive(model, third), 'another app ends nothing')
  t.equal(refresh(model, first, 7), undefined)
  t.equal(model.find(third?.accessToken ?? '', 7), undefined)
  t.ok(isLive(model, other))
  t.same(model.ledger.pairOf(third?.accessToken ?? '')?.death, { cause: 'reused', at: 7, by: 6 })
  t.equal(refresh(model, third, 8), undefined)
  t.match(model.ledger.requests().slice(-2), [
    { refused: 'rotated', ended: [third?.id] }, { refused: 'reused', ended: [] }
  ])
})

t.test('reconnect: replace ends the pairs of the same app, user and team only', async (t) => {
  const model = createTokenModel()
  const twice = [model.exchange(ada, { now: 0, expiring }), model.exchange(ada, { now: 0, expiring })]
  const otherSubjects = [{ ...ada, userId: 'bob' }, { ...ada, teamId: 'other' }, { ...ada, clientId: 'other' }]
  const others = otherSubjects.map((subject) => model.exchange(subject, { now: 0, expiring }))
  model.rules = { ...model.rules, reconnect: 'replace' }
  const last = model.exchange(ada, { now: 5, expiring })
  for (const pair of twice) t.match(model.ledger.deathOf(pair, 5), { cause: 'replaced', at: 5, by: 6 })
  for (const pair of [...others, last]) t.ok(isLive(model, pair, 5))
  t.equal(refresh(model, twice[0], 5), undefined)
  t.equal(model.ledger.requests().at(-1)?.refused, 'replaced')
})

t.test('revoke: user ends every pair that the app has of the user', async (t) => {
  const model = createTokenModel({ revoke: 'user' })
  const pairs = [ada, ada, { ...ada, teamId: 'other' }].map((subject) => model.exchange(subject, { now: 0, expiring }))
  const otherSubjects = [{ ...ada, userId: 'bob' }, { ...ada, clientId: 'other' }]
  const others = otherSubjects.map((subject) => model.exchange(subject, { now: 0, expiring }))
  t.equal(model.revoke(pairs[0]?.accessToken ?? '', 3), true)
  for (const pair of pairs) t.match(model.ledger.deathOf(pair, 3), { cause: 'revoked', at: 3, by: 6 })
  for (const pair of others) t.ok(isLive(model, pair))
  t.same(model.ledger.requests().at(-1)?.ended, pairs.map(({ id }) => id))
})

t.test('revoke: needs a valid access token', async (t) => {
  const model = createTokenModel()
  const pair = model.exchange(ada, { now: 0, expiring })
  const wrong: [string, number][] = [[pair.refreshToken ?? '', 0], ['nothing', 0], [pair.accessToken, HOUR]]
  for (const [token, now] of wrong) t.equal(model.revoke(token, now), false)
  t.same(model.ledger.requests().slice(1).map(({ refused }) => refused), ['unknown', 'unknown', 'expired'])
  t.ok(isLive(model, pair, HOUR))
  t.equal(model.revoke(pair.accessToken, HOUR - 1), true)
  t.equal(model.revoke(pair.accessToken, HOUR - 1), false)
  t.equal(model.ledger.requests().at(-1)?.refused, 'revoked')
})

t.test('expiry: after an hour and after sixty days, and undone when the clock goes back', async (t) => {
  const model = createTokenModel()
  const pair = model.exchange(ada, { now: 0, expiring })
  t.equal(model.find(pair.accessToken, HOUR - 1), pair)
  t.equal(model.find(pair.accessToken, HOUR), undefined)
  t.ok(isLive(model, pair, 60 * DAY - 1))
  t.same(model.ledger.deathOf(pair, 60 * DAY), { cause: 'expired', at: 60 * DAY, by: null })
  t.equal(refresh(model, pair, 60 * DAY), undefined)
  t.equal(model.ledger.requests().at(-1)?.refused, 'expired')
  t.ok(refresh(model, pair, 60 * DAY - 1))
})

t.test('expire: ends the access token only, and the pair if it has no refresh token', async (t) => {
  const model = createTokenModel()
  const pair = model.exchange(ada, { now: 0, expiring })
  const endless = model.exchange(ada, { now: 0, expiring: false })
  t.equal(model.expire(pair.accessToken, 1), true)
  t.equal(model.expire(pair.accessToken, 1), false, 'a second time')
  t.equal(model.expire('nothing', 1), false)
  t.equal(model.find(pair.accessToken, 0), undefined, 'also after the clock goes back')
  t.match(model.ledger.pairOf(pair.accessToken), { endedEarly: true, death: null })
  t.ok(refresh(model, pair, 1))
  t.equal(model.expire(endless.accessToken, 2), true)
  t.match(model.ledger.pairOf(endless.accessToken)?.death, { cause: 'expired', at: 2, by: 5 })
})

t.test('expiry: a non-expiring pair has no refresh token', async (t) => {
  const model = createTokenModel()
  const pair = model.exchange(ada, { now: 0, expiring: false })
  t.equal(pair.refreshToken, null)
  t.equal(model.find(pair.accessToken, Number.MAX_SAFE_INTEGER), pair)
})

t.test('ledger: has the origin, the request and the delivery of every pair', async (t) => {
  const model = createTokenModel({}, { values: countedTokenValues() })
  const first = model.exchange(ada, { now: 10, expiring })
  const second = refresh(model, first, 20)
  t.same([first.accessToken, first.refreshToken, second?.accessToken], ['token-1', 'token-2', 'token-3'])
  model.ledger.delivered(first, 'written')
  model.ledger.delivered(first, 'dropped')
  model.ledger.delivered({ id: 99 }, 'cut')
  const { scopes: _scopes, ...person } = ada
  const both = { ...ada, family: 1, endedEarly: false }
  const rotated = { cause: 'rotated', at: 20, by: 2 }
  t.same(model.ledger.pairs(), [
    { ...both, id: 1, refreshOf: null, givenBy: 1, givenAt: 10, delivery: 'written', death: rotated },
    { ...both, id: 2, refreshOf: 1, givenBy: 2, givenAt: 20, delivery: 'pending', death: null }
  ])
  t.same(model.ledger.live(person, 20).map(({ id }) => id), [2])
  t.same(model.ledger.live({ ...person, userId: 'bob' }, 20), [])
  t.same(model.ledger.live({ teamId: 'other' }, 20), [])
  t.same(model.ledger.live({ clientId: 'other' }, 20), [])
  t.equal(model.ledger.pairOf('token-3')?.id, 2)
  t.equal(model.ledger.pairOf('token-2')?.id, 1)
  t.equal(model.ledger.pairOf('nothing'), undefined)
})

t.test('ledger: has every refresh that presented a token, refused and interrupted ones too', async (t) => {
  const model = createTokenModel({}, { values: countedTokenValues() })
  const pair = model.exchange(ada, { now: 0, expiring })
  model.interrupt('token-2', 1)
  t.ok(isLive(model, pair), 'an interrupted refresh changes nothing')
  model.refresh('token-2', { clientId: 'stranger', now: 2 })
  refresh(model, pair, 3)
  refresh(model, pair, 4)
  model.refresh('token-1', { clientId: 'app', now: 5 })
  model.revoke('token-1', 6)
  t.same(model.ledger.requestsFor('token-2').map(({ at, refused, gave }) => [at, refused, gave]), [
    [1, 'interrupted', null], [2, 'foreign', null], [3, null, 2], [4, 'rotated', null]
  ])
  t.same(model.ledger.requestsFor('token-1'), [], 'an access token is not a refresh token')
  t.same(model.ledger.requests().slice(-2).map(({ presented, refused }) => [presented, refused]), [
    [null, 'unknown'], [1, 'rotated']
  ])
})

t.test('ledger: forgets the oldest dead pairs, and never a live one', async (t) => {
  const model = createTokenModel({ reuse: 'revoke-family' }, { remembered: 10, values: countedTokenValues() })
  const alive = model.exchange({ ...ada, userId: 'bob' }, { now: 0, expiring })
  const first = model.exchange(ada, { now: 0, expiring })
  let last: TokenPair | undefined = first
  let most = 0
  for (let count = 0; count < 500; count++) {
    last = refresh(model, last)
    most = Math.max(most, model.ledger.pairs().length, model.ledger.requests().length)
  }
  t.ok(most <= 22, `${most} records at most, for ten that are remembered at least`)
  t.ok(isLive(model, alive) && isLive(model, last))
  t.equal(refresh(model, first), undefined)
  t.equal(model.ledger.requests().at(-1)?.refused, 'unknown', 'reuse detection does not know a forgotten token')
  t.ok(isLive(model, last))
  const remembered = model.ledger.pairs().filter(({ death }) => death !== null)
  t.ok(remembered.length >= 10)
  t.equal(remembered.at(-1)?.id, (last?.id ?? 0) - 1, 'the youngest dead pairs are remembered')
  for (let count = 0; count < 500; count++) model.exchange(ada, { now: count * DAY, expiring })
  t.ok(model.ledger.pairs().length <= 60 + 20, 'expired pairs are dead, and forgotten too')
})

t.test('clear: forgets everything, and uses no id twice', async (t) => {
  const model = createTokenModel()
  const pair = model.exchange(ada, { now: 0, expiring })
  model.clear()
  t.same([model.ledger.pairs(), model.ledger.requests()], [[], []])
  t.equal(refresh(model, pair), undefined)
  t.equal(model.find(pair.accessToken, 0), undefined)
  t.equal(model.exchange(ada, { now: 0, expiring }).id, pair.id + 1)
})

t.test('README: the example of the token model does what it says', async (t) => {
  const miro = createTokenModel({ reuse: 'revoke-family' }, { values: countedTokenValues() })
  const first = miro.exchange(ada, { now: 0, expiring })
  miro.ledger.delivered(first, 'written')
  const second = miro.refresh('token-2', { clientId: 'app', now: 1 })
  t.equal(miro.refresh('token-2', { clientId: 'app', now: 2 }), undefined)
  t.same(miro.ledger.deathOf({ id: second?.id ?? 0 }, 2), { cause: 'reused', at: 2, by: 3 })
  t.equal(miro.find('token-1', 2), undefined)
})

type Step =
  | { kind: 'connect', user: string, team: string, expiring: boolean }
  | { kind: 'refresh' | 'revoke' | 'expire' | 'interrupt', which: number, client: string }
  | { kind: 'wait', ms: number }

const steps = fc.array(fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('connect' as const),
      user: fc.constantFrom('ada', 'bob'),
      team: fc.constantFrom('acme', 'other'),
      expiring: fc.boolean()
    })
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'refresh' as const, 'refresh' as const, 'revoke' as const, 'expire' as const, 'interrupt' as const
      ),
      which: fc.nat(12),
      client: fc.constantFrom('app', 'app', 'app', 'stranger')
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(-HOUR, 1, HOUR, 59 * DAY) })
  }
), { maxLength: 25 })

interface Run {
  model: TokenModel
  given: TokenPair[]
  now: number
}

function play (rules: TokenRules, history: readonly Step[]): Run {
  const run: Run = { model: createTokenModel(rules, { values: countedTokenValues() }), given: [], now: 0 }
  for (const step of history) playStep(run, step)
  return run
}

function playStep (run: Run, step: Step): void {
  const { model, given, now } = run
  if (step.kind === 'wait') run.now += step.ms
  else if (step.kind === 'connect') {
    const subject = { ...ada, userId: step.user, teamId: step.team }
    given.push(model.exchange(subject, { now, expiring: step.expiring }))
  } else {
    const pair = given[step.which % (given.length || 1)]
    if (pair === undefined) return
    if (step.kind === 'refresh') {
      const next = model.refresh(pair.refreshToken ?? '', { clientId: step.client, now })
      if (next !== undefined) given.push(next)
    }
    if (step.kind === 'revoke') model.revoke(pair.accessToken, now)
    if (step.kind === 'expire') model.expire(pair.accessToken, now)
    if (step.kind === 'interrupt') model.interrupt(pair.refreshToken ?? '', now)
  }
}

/** Whether a token of the pair works, tried on a second model, because an accepted refresh changes the model. */
function isAccepted (rules: TokenRules, history: readonly Step[], index: number): boolean {
  const { model, given, now } = play(rules, history)
  const pair = given[index]
  if (pair === undefined) return false
  return model.find(pair.accessToken, now) !== undefined || refresh(model, pair, now) !== undefined
}

t.test('property: a family has one live pair at most, and a pair is live if and only if its tokens work', async (t) => {
  for (const rules of everyRules) {
    fc.assert(fc.property(steps, (history) => {
      const { model, given, now } = play(rules, history)
      const live = model.ledger.live({}, now)
      const families = live.map(({ family }) => family)
      if (new Set(families).size !== families.length) return false
      return given.every((pair, index) => {
        const alive = model.ledger.deathOf(pair, now) === null
        return alive === live.some(({ id }) => id === pair.id) && alive === isAccepted(rules, history, index)
      })
    }), { numRuns: 150 })
  }
  t.pass(`${everyRules.length} combinations of rules`)
})

t.test('property: each death names its request, and each request its pairs', async (t) => {
  for (const rules of everyRules) {
    fc.assert(fc.property(steps, (history) => {
      const { model, given } = play(rules, history)
      const requests = new Map(model.ledger.requests().map((request) => [request.id, request]))
      const pairs = model.ledger.pairs()
      const deaths = pairs.flatMap(({ id, death }) => death === null ? [] : [`${id} by ${death.by}`])
      const ended = [...requests.values()].flatMap((request) => request.ended.map((id) => `${id} by ${request.id}`))
      return pairs.length === given.length &&
        JSON.stringify(deaths.sort()) === JSON.stringify(ended.sort()) &&
        pairs.every(({ id, givenBy, refreshOf }) => {
          const request = requests.get(givenBy)
          return request?.gave === id && request.presented === refreshOf
        })
    }), { numRuns: 150 })
  }
  t.pass(`${everyRules.length} combinations of rules`)
})

t.test('property: no pair is reused or replaced unless the rules say so', async (t) => {
  for (const rules of everyRules) {
    fc.assert(fc.property(steps, (history) => {
      const causes = play(rules, history).model.ledger.pairs().map(({ death }) => death?.cause)
      const mayReuse = rules.reuse === 'revoke-family'
      const mayReplace = rules.reconnect === 'replace'
      return (mayReuse || !causes.includes('reused')) && (mayReplace || !causes.includes('replaced'))
    }), { numRuns: 50 })
  }
  t.same(defaultRules, { reuse: 'refuse', reconnect: 'keep', revoke: 'pair' })
})
