import * as fc from 'fast-check'
import t from 'tap'
import { countedTokenValues, createTokenModel, defaultRules, type Subject, type TokenModel, type TokenPair, type TokenRules } from '../src/model/index.js'

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

t.test('without rules it does what the emulator always did', async (t) => {
  const model = createTokenModel()
  t.same(model.rules, { reuse: 'refuse', reconnect: 'keep', revoke: 'pair' })
  const first = model.exchange(ada, { now: 0, expiring })
  t.match(first.accessToken, /^eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_[\w-]{27}$/)
  const second = refresh(model, first)
  t.equal(refresh(model, first), undefined)
  t.ok(isLive(model, second), 'a spent token hurts nobody else')
  const third = model.exchange(ada, { now: 0, expiring })
  t.ok(isLive(model, second), 'a second connect neither')
  t.equal(model.revoke(third.accessToken, 0), true)
  t.ok(isLive(model, second), 'and a revocation takes one pair')
  t.notOk(isLive(model, third))
})

t.test('with revoke-family a spent refresh token ends the live pair of its family, and no other', async (t) => {
  const model = createTokenModel({ reuse: 'revoke-family' })
  const first = model.exchange(ada, { now: 0, expiring })
  const other = model.exchange(ada, { now: 0, expiring })
  const third = refresh(model, refresh(model, first))
  t.equal(model.refresh(first.refreshToken ?? '', { clientId: 'stranger', now: 1 }), undefined)
  t.ok(isLive(model, third), 'a stranger ends nothing')
  t.equal(refresh(model, first, 7), undefined)
  t.equal(model.find(third?.accessToken ?? '', 7), undefined)
  t.ok(isLive(model, other))
  t.same(model.ledger.pairOf(third?.accessToken ?? '')?.death, { cause: 'reused', at: 7, by: 6 })
  t.equal(refresh(model, third, 8), undefined)
  t.match(model.ledger.requests().slice(-2), [{ refused: 'rotated', ended: [third?.id] }, { refused: 'reused', ended: [] }])
})

t.test('with replace a connect ends the pairs of the same app, user and team, and no other', async (t) => {
  const model = createTokenModel()
  const twice = [model.exchange(ada, { now: 0, expiring }), model.exchange(ada, { now: 0, expiring })]
  const others = [{ ...ada, userId: 'bob' }, { ...ada, teamId: 'other' }, { ...ada, clientId: 'other' }].map((subject) => model.exchange(subject, { now: 0, expiring }))
  model.rules = { ...model.rules, reconnect: 'replace' }
  const last = model.exchange(ada, { now: 5, expiring })
  for (const pair of twice) t.match(model.ledger.deathOf(pair, 5), { cause: 'replaced', at: 5, by: 6 })
  for (const pair of [...others, last]) t.ok(isLive(model, pair, 5))
  t.equal(refresh(model, twice[0], 5), undefined)
  t.equal(model.ledger.requests().at(-1)?.refused, 'replaced')
})

t.test('with user a revocation ends every pair that this app has of this user', async (t) => {
  const model = createTokenModel({ revoke: 'user' })
  const pairs = [ada, ada, { ...ada, teamId: 'other' }].map((subject) => model.exchange(subject, { now: 0, expiring }))
  const others = [{ ...ada, userId: 'bob' }, { ...ada, clientId: 'other' }].map((subject) => model.exchange(subject, { now: 0, expiring }))
  t.equal(model.revoke(pairs[0]?.accessToken ?? '', 3), true)
  for (const pair of pairs) t.match(model.ledger.deathOf(pair, 3), { cause: 'revoked', at: 3, by: 6 })
  for (const pair of others) t.ok(isLive(model, pair))
  t.same(model.ledger.requests().at(-1)?.ended, pairs.map(({ id }) => id))
})

t.test('a revocation needs an access token that is valid now', async (t) => {
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

t.test('an access token lives an hour, a refresh token sixty days, and time going back undoes it', async (t) => {
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

t.test('an access token that ends early leaves its refresh token, and a pair without one is dead', async (t) => {
  const model = createTokenModel()
  const pair = model.exchange(ada, { now: 0, expiring })
  const endless = model.exchange(ada, { now: 0, expiring: false })
  t.equal(model.expire(pair.accessToken, 1), true)
  t.equal(model.expire(pair.accessToken, 1), false, 'once')
  t.equal(model.expire('nothing', 1), false)
  t.equal(model.find(pair.accessToken, 0), undefined, 'not even when the clock goes back')
  t.match(model.ledger.pairOf(pair.accessToken), { endedEarly: true, death: null })
  t.ok(refresh(model, pair, 1))
  t.equal(model.expire(endless.accessToken, 2), true)
  t.match(model.ledger.pairOf(endless.accessToken)?.death, { cause: 'expired', at: 2, by: 5 })
})

t.test('a pair that does not expire has no refresh token and never ends by itself', async (t) => {
  const model = createTokenModel()
  const pair = model.exchange(ada, { now: 0, expiring: false })
  t.equal(pair.refreshToken, null)
  t.equal(model.find(pair.accessToken, Number.MAX_SAFE_INTEGER), pair)
})

t.test('the ledger tells where a pair came from, by which request, and what became of the answer', async (t) => {
  const model = createTokenModel({}, { values: countedTokenValues() })
  const first = model.exchange(ada, { now: 10, expiring })
  const second = refresh(model, first, 20)
  t.same([first.accessToken, first.refreshToken, second?.accessToken], ['token-1', 'token-2', 'token-3'])
  model.ledger.delivered(first, 'written')
  model.ledger.delivered(first, 'dropped')
  model.ledger.delivered({ id: 99 }, 'cut')
  const { scopes, ...person } = ada
  t.same(model.ledger.pairs(), [
    { id: 1, family: 1, ...person, scopes, refreshOf: null, givenBy: 1, givenAt: 10, delivery: 'written', endedEarly: false, death: { cause: 'rotated', at: 20, by: 2 } },
    { id: 2, family: 1, ...person, scopes, refreshOf: 1, givenBy: 2, givenAt: 20, delivery: 'pending', endedEarly: false, death: null }
  ])
  t.same(model.ledger.live(person, 20).map(({ id }) => id), [2])
  t.same(model.ledger.live({ ...person, userId: 'bob' }, 20), [])
  t.same(model.ledger.live({ teamId: 'other' }, 20), [])
  t.same(model.ledger.live({ clientId: 'other' }, 20), [])
  t.equal(model.ledger.pairOf('token-3')?.id, 2)
  t.equal(model.ledger.pairOf('token-2')?.id, 1)
  t.equal(model.ledger.pairOf('nothing'), undefined)
})

t.test('every refresh that presents a token is counted, refused and interrupted ones too', async (t) => {
  const model = createTokenModel({}, { values: countedTokenValues() })
  const pair = model.exchange(ada, { now: 0, expiring })
  model.interrupt('token-2', 1)
  t.ok(isLive(model, pair), 'and an interrupted one changes nothing')
  model.refresh('token-2', { clientId: 'stranger', now: 2 })
  refresh(model, pair, 3)
  refresh(model, pair, 4)
  model.refresh('token-1', { clientId: 'app', now: 5 })
  model.revoke('token-1', 6)
  t.same(model.ledger.requestsFor('token-2').map(({ at, refused, gave }) => [at, refused, gave]), [
    [1, 'interrupted', null], [2, 'foreign', null], [3, null, 2], [4, 'rotated', null]
  ])
  t.same(model.ledger.requestsFor('token-1'), [], 'an access token is no refresh token')
  t.same(model.ledger.requests().slice(-2).map(({ presented, refused }) => [presented, refused]), [[null, 'unknown'], [1, 'rotated']])
})

t.test('what is forgotten is dead and old, never alive', async (t) => {
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
  t.equal(model.ledger.requests().at(-1)?.refused, 'unknown', 'forgotten, so its reuse is not seen')
  t.ok(isLive(model, last))
  const remembered = model.ledger.pairs().filter(({ death }) => death !== null)
  t.ok(remembered.length >= 10)
  t.equal(remembered.at(-1)?.id, (last?.id ?? 0) - 1, 'the youngest stay')
  for (let count = 0; count < 500; count++) model.exchange(ada, { now: count * DAY, expiring })
  t.ok(model.ledger.pairs().length <= 60 + 20, 'pairs whose time ran out are dead, too')
})

t.test('clear forgets everything and uses no id twice', async (t) => {
  const model = createTokenModel()
  const pair = model.exchange(ada, { now: 0, expiring })
  model.clear()
  t.same([model.ledger.pairs(), model.ledger.requests()], [[], []])
  t.equal(refresh(model, pair), undefined)
  t.equal(model.find(pair.accessToken, 0), undefined)
  t.equal(model.exchange(ada, { now: 0, expiring }).id, pair.id + 1)
})

t.test('the example of the README does what it says', async (t) => {
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
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('connect' as const), user: fc.constantFrom('ada', 'bob'), team: fc.constantFrom('acme', 'other'), expiring: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('refresh' as const, 'refresh' as const, 'revoke' as const, 'expire' as const, 'interrupt' as const), which: fc.nat(12), client: fc.constantFrom('app', 'app', 'app', 'stranger') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(-HOUR, 1, HOUR, 59 * DAY) }) }
), { maxLength: 25 })

interface Story {
  model: TokenModel
  given: TokenPair[]
  now: number
}

function play (rules: TokenRules, history: readonly Step[]): Story {
  const story: Story = { model: createTokenModel(rules, { values: countedTokenValues() }), given: [], now: 0 }
  for (const step of history) playStep(story, step)
  return story
}

function playStep (story: Story, step: Step): void {
  const { model, given, now } = story
  if (step.kind === 'wait') story.now += step.ms
  else if (step.kind === 'connect') given.push(model.exchange({ ...ada, userId: step.user, teamId: step.team }, { now, expiring: step.expiring }))
  else {
    const pair = given[step.which % (given.length || 1)]
    if (pair === undefined) return
    const next = step.kind === 'refresh' ? model.refresh(pair.refreshToken ?? '', { clientId: step.client, now }) : undefined
    if (next !== undefined) given.push(next)
    if (step.kind === 'revoke') model.revoke(pair.accessToken, now)
    if (step.kind === 'expire') model.expire(pair.accessToken, now)
    if (step.kind === 'interrupt') model.interrupt(pair.refreshToken ?? '', now)
  }
}

/** Asks a copy of the model, as an accepted refresh changes it. */
function isAccepted (rules: TokenRules, history: readonly Step[], index: number): boolean {
  const { model, given, now } = play(rules, history)
  const pair = given[index]
  if (pair === undefined) return false
  return model.find(pair.accessToken, now) !== undefined || model.refresh(pair.refreshToken ?? '', { clientId: 'app', now }) !== undefined
}

t.test('under every rule a family has one live pair at most, and the ledger says alive exactly where Miro says yes', async (t) => {
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

t.test('under every rule the ledger is whole: every death has its request, and every request its pairs', async (t) => {
  for (const rules of everyRules) {
    fc.assert(fc.property(steps, (history) => {
      const { model, given } = play(rules, history)
      const requests = new Map(model.ledger.requests().map((request) => [request.id, request]))
      const pairs = model.ledger.pairs()
      const deaths = pairs.flatMap(({ id, death }) => death === null ? [] : [`${id} by ${death.by}`])
      const ended = [...requests.values()].flatMap((request) => request.ended.map((id) => `${id} by ${request.id}`))
      return pairs.length === given.length &&
        JSON.stringify(deaths.sort()) === JSON.stringify(ended.sort()) &&
        pairs.every(({ id, givenBy, refreshOf }) => requests.get(givenBy)?.gave === id && requests.get(givenBy)?.presented === refreshOf)
    }), { numRuns: 150 })
  }
  t.pass(`${everyRules.length} combinations of rules`)
})

t.test('under every rule a refusal costs nothing but what the rules say', async (t) => {
  for (const rules of everyRules) {
    fc.assert(fc.property(steps, (history) => {
      const causes = play(rules, history).model.ledger.pairs().map(({ death }) => death?.cause)
      return (rules.reuse === 'revoke-family' || !causes.includes('reused')) && (rules.reconnect === 'replace' || !causes.includes('replaced'))
    }), { numRuns: 50 })
  }
  t.same(defaultRules, { reuse: 'refuse', reconnect: 'keep', revoke: 'pair' })
})
