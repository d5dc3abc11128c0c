import t from 'tap'
import { EmulatorOptionError, type EmulatorSwitches } from '../src/index.js'
import {
  approve, callApi, connect, DAY, envelope, exchange, HOUR, refresh, requestTokens, send, startEmulator
} from './fixtures/visitor.js'
import type { Emulator } from '../src/index.js'

const BOARDS = '/v2/boards'

async function isUsable (emulator: Emulator, accessToken: string): Promise<boolean> {
  return (await callApi(emulator, BOARDS, accessToken)).status === 200
}

function revoke (emulator: Emulator, accessToken: string) {
  return send(`${emulator.apiUrl}/v1/oauth/revoke?access_token=${accessToken}`, { method: 'POST' })
}

t.test('rules.reuse: can be set at the start and changed later', async (t) => {
  const emulator = await startEmulator(t, { rules: { reuse: 'revoke-family' } })
  const first = await connect(emulator)
  const second = await refresh(emulator, first.refresh_token)
  t.equal((await refresh(emulator, first.refresh_token)).status, 401)
  t.notOk(await isUsable(emulator, String(second.json['access_token'])))
  t.equal((await refresh(emulator, String(second.json['refresh_token']))).status, 401)
  t.match(emulator.ledger.pairOf(String(second.json['refresh_token']))?.death, { cause: 'reused' })
  emulator.set({ rules: { reuse: 'refuse' } })
  const third = await connect(emulator)
  const fourth = await refresh(emulator, third.refresh_token)
  t.equal((await refresh(emulator, third.refresh_token)).status, 401)
  t.ok(await isUsable(emulator, String(fourth.json['access_token'])))
})

t.test('rules.reconnect: replace ends the pair of the first connect', async (t) => {
  const emulator = await startEmulator(t)
  const first = await connect(emulator)
  emulator.set({ rules: { reconnect: 'replace' } })
  const elsewhere = await connect(emulator, 1)
  t.ok(await isUsable(emulator, first.access_token))
  const second = await connect(emulator)
  t.notOk(await isUsable(emulator, first.access_token))
  t.ok(await isUsable(emulator, second.access_token))
  t.ok(await isUsable(emulator, elsewhere.access_token))
})

t.test('rules.revoke: user ends every pair of the user', async (t) => {
  const emulator = await startEmulator(t, { rules: { revoke: 'user' } })
  const pairs = [await connect(emulator), await connect(emulator)]
  t.equal((await revoke(emulator, pairs[0]?.access_token ?? '')).status, 204)
  for (const pair of pairs) t.notOk(await isUsable(emulator, pair.access_token))
})

t.test('set: leaves the other switches as they are, and reset restores those of the options', async (t) => {
  const emulator = await startEmulator(t, { refusals: 'bare', rules: { revoke: 'user' } })
  emulator.set({ rules: { reuse: 'revoke-family' }, ids: 'numbers' })
  emulator.set({ refusals: 'rfc', ids: undefined, rules: { revoke: undefined } } as unknown as EmulatorSwitches)
  t.same(emulator.settings, {
    rules: { reuse: 'revoke-family', reconnect: 'keep', revoke: 'user' },
    refusals: 'rfc',
    ids: 'numbers',
    pkce: 'ignore',
    authorizeOpener: 'keep',
    idToken: { lifetimeSeconds: 300, ids: 'text', issuer: 'miro' },
    creditsPerMinute: 100_000,
    accessTokenSeconds: 3599
  })
  const page = await send(emulator.url)
  for (const text of ['revoke-family', 'rfc', 'Bare 64-bit numbers']) t.ok(page.text.includes(text), text)
  t.equal(typeof (await connect(emulator))['user_id'], 'number')
  emulator.reset()
  t.same(emulator.settings, {
    rules: { reuse: 'refuse', reconnect: 'keep', revoke: 'user' },
    refusals: 'bare',
    ids: 'text',
    pkce: 'ignore',
    authorizeOpener: 'keep',
    idToken: { lifetimeSeconds: 300, ids: 'text', issuer: 'miro' },
    creditsPerMinute: 100_000,
    accessTokenSeconds: 3599
  })
  const first = await connect(emulator)
  t.equal(typeof first['user_id'], 'string')
  const second = await refresh(emulator, first.refresh_token)
  t.equal((await refresh(emulator, first.refresh_token)).text, '')
  t.ok(await isUsable(emulator, String(second.json['access_token'])), 'the rules are those of the options too')
})

t.test('set: an invalid switch is refused by its name, and none is changed', async (t) => {
  const emulator = await startEmulator(t)
  const before = emulator.settings
  const wrong: [string, EmulatorSwitches][] = [
    ['rules.reuse', { rules: { reuse: 'forgive' as 'refuse' } }],
    ['rules.reconnect', { ids: 'numbers', rules: { reconnect: 'user' as 'keep' } }],
    ['rules.revoke', { rules: { revoke: null as unknown as 'pair' } }],
    ['rules.reuze is not known', { rules: { reuze: 'refuse' } as object }],
    ['refusals', { refusals: 'rude' as 'rfc' }],
    ['ids', { ids: 'words' as 'text' }],
    ['pkce', { pkce: 'plain' as 'ignore' }],
    ['authorizeOpener', { authorizeOpener: 'sever' as 'cut' }],
    ['idToken.lifetimeSeconds', { idToken: { lifetimeSeconds: 0.5 } }],
    ['idToken.ids', { idToken: { ids: 'words' as 'text' } }],
    ['idToken.issuer', { idToken: { issuer: '' } }],
    ['idToken.iss is not known', { idToken: { iss: 'miro' } as object }],
    ['idTokens is not known', { idTokens: { ids: 'text' } } as object],
    ['port is not known', { port: 0 } as object],
    ['creditsPerMinute', { creditsPerMinute: 0.5 }],
    ['accessTokenSeconds', { accessTokenSeconds: 0 }]
  ]
  for (const [name, switches] of wrong) {
    t.throws(() => { emulator.set(switches) }, EmulatorOptionError)
    t.throws(() => { emulator.set(switches) }, { message: new RegExp(name) })
  }
  t.same(emulator.settings, before)
})

t.test('refusals: the token endpoint uses the envelope, RFC 6749 or no body', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  const ask = {
    deadToken: () => refresh(emulator, 'never-given'),
    wrongCode: () => exchange(emulator, 'never-given'),
    wrongSecret: () => refresh(emulator, pair.refresh_token, { client_secret: 'guess' }),
    missing: () => requestTokens(emulator, {}),
    otherType: () => requestTokens(emulator, { grant_type: 'password' }),
    tooLarge: () => refresh(emulator, 'x'.repeat(300_000))
  }
  const expected: [keyof typeof ask, number, string, string][] = [
    ['deadToken', 400, 'invalid_grant', 'Invalid refresh token'],
    ['wrongCode', 400, 'invalid_grant', 'Invalid authorization code'],
    ['wrongSecret', 401, 'invalid_client', 'Invalid client credentials'],
    ['missing', 400, 'invalid_request', 'The parameter grant_type is missing'],
    ['otherType', 400, 'unsupported_grant_type', 'This grant_type is not supported'],
    ['tooLarge', 413, 'invalid_request', 'The request body is too large']
  ]
  for (const [name, rfcStatus, error, message] of expected) {
    emulator.set({ refusals: 'envelope' })
    const { status, json } = await ask[name]()
    t.same(json, envelope(status, String(json['code']), message))
    emulator.set({ refusals: 'rfc' })
    const rfc = await ask[name]()
    t.equal(rfc.status, rfcStatus, name)
    t.same(rfc.json, { error, error_description: message })
    emulator.set({ refusals: 'bare' })
    const bare = await ask[name]()
    t.same([bare.status, bare.text, bare.headers.get('content-type')], [status, '', null], name)
  }
  const apiRefusal = await callApi(emulator, BOARDS, 'never-given')
  t.equal(apiRefusal.json['code'], 'tokenNotFound', 'the rest of the API always uses the envelope')
  t.equal((await refresh(emulator, pair.refresh_token)).status, 200, 'no token was spent')
  t.same(
    emulator.ledger.requestsFor(pair.refresh_token).map(({ refused }) => refused),
    [...Array(3).fill('interrupted'), null],
    'the ledger has the refreshes with a wrong secret too'
  )
})

t.test('refusals: rfc answers a redirect URI mismatch with invalid_grant', async (t) => {
  const emulator = await startEmulator(t, { refusals: 'rfc' })
  const code = (await approve(emulator)).searchParams.get('code') ?? ''
  const answer = await exchange(emulator, code, { redirect_uri: 'http://localhost:3000/other' })
  t.same([answer.status, answer.json['error']], [400, 'invalid_grant'])
})

t.test('creditsPerMinute: can be changed, and X-RateLimit-Reset has the end of the minute', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  t.ok(await isUsable(emulator, pair.access_token))
  emulator.set({ creditsPerMinute: 60 })
  const refused = await callApi(emulator, BOARDS, pair.access_token)
  t.equal(refused.status, 429)
  t.equal(refused.json['code'], 'tooManyRequests')
  const { headers } = refused
  const resetAt = Math.ceil((emulator.miroClock.now() + 1) / 60_000) * 60
  t.same(
    [headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining'), headers.get('x-ratelimit-reset')],
    ['60', '10', String(resetAt)]
  )
  emulator.set({ creditsPerMinute: 10 })
  t.equal(
    (await callApi(emulator, BOARDS, pair.access_token)).headers.get('x-ratelimit-remaining'),
    '0',
    'never below 0'
  )
  emulator.set({ creditsPerMinute: 100 })
  t.ok(await isUsable(emulator, pair.access_token))
  t.notOk(await isUsable(emulator, pair.access_token))
  emulator.miroClock.advance(resetAt * 1_000 - emulator.miroClock.now())
  t.ok(await isUsable(emulator, pair.access_token))
})

t.test('accessTokenSeconds: sets expires_in and the lifetime of new tokens', async (t) => {
  const emulator = await startEmulator(t, { accessTokenSeconds: 12 })
  const first = await connect(emulator)
  t.equal(first['expires_in'], 12)
  emulator.set({ accessTokenSeconds: 60 })
  const second = (await refresh(emulator, first.refresh_token)).json
  t.equal(second['expires_in'], 60)
  emulator.miroClock.advance(60_999)
  t.ok(await isUsable(emulator, String(second['access_token'])))
  emulator.miroClock.advance(1)
  t.notOk(await isUsable(emulator, String(second['access_token'])))
  emulator.reset()
  const third = await connect(emulator)
  t.equal(third['expires_in'], 12)
  emulator.miroClock.advance(13_000)
  t.notOk(await isUsable(emulator, third.access_token))
})

t.test('miroClock: can be advanced and set back', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  emulator.miroClock.advance(HOUR)
  t.notOk(await isUsable(emulator, pair.access_token))
  emulator.miroClock.advance(-2 * HOUR)
  t.ok(await isUsable(emulator, pair.access_token), 'the token is valid again')
  t.equal(emulator.miroClock.now(), emulator.clock.now() - HOUR)
  t.match((await send(emulator.url)).text, /1 hour behind/)
  const later = await refresh(emulator, pair.refresh_token)
  emulator.miroClock.advance(HOUR)
  const laterToken = String(later.json['access_token'])
  t.notOk(await isUsable(emulator, laterToken), 'it was given when Miro’s clock was an hour behind')
  emulator.miroClock.advance(70 * DAY)
  t.equal((await refresh(emulator, String(later.json['refresh_token']))).status, 401)
})

t.test('expireAccessToken: ends the access token and leaves the refresh token', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  t.equal(emulator.expireAccessToken('never-given'), false)
  t.equal(emulator.expireAccessToken(pair.access_token), true)
  t.equal((await callApi(emulator, BOARDS, pair.access_token)).json['code'], 'tokenNotFound')
  t.equal((await revoke(emulator, pair.access_token)).status, 400)
  t.match(emulator.ledger.pairOf(pair.access_token), { endedEarly: true, death: null })
  t.equal((await refresh(emulator, pair.refresh_token)).status, 200)
})

t.test('ledger: has the owner, the delivery and the death of every pair, and no tokens', async (t) => {
  const emulator = await startEmulator(t)
  const { ledger } = emulator
  const first = await connect(emulator)
  const second = (await refresh(emulator, first.refresh_token)).json
  await refresh(emulator, first.refresh_token)
  const subject = { userId: String(first['user_id']), teamId: String(first['team_id']) }
  t.match(ledger.pairs(), [
    { ...subject, family: 1, refreshOf: null, delivery: 'written', death: { cause: 'rotated' } },
    { ...subject, family: 1, refreshOf: 1, delivery: 'written', death: null }
  ])
  t.equal(ledger.live(subject, emulator.miroClock.now())[0]?.id, ledger.pairOf(String(second['access_token']))?.id)
  t.same(ledger.requestsFor(first.refresh_token).map(({ refused }) => refused), [null, 'rotated'])
  const shown = JSON.stringify([ledger.pairs(), ledger.requests()])
  for (const token of [
    first.access_token, first.refresh_token, second['access_token']
  ]) t.notOk(shown.includes(String(token)))
  emulator.reset()
  t.same([ledger.pairs(), ledger.requests()], [[], []])
  await connect(emulator)
  t.equal(ledger.pairs().length, 1, 'the ledger is the same object after a reset')
})
