import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import t, { type Test } from 'tap'
import {
  createEmulator, type Emulator, EmulatorOptionError, type EmulatorOptions, type FaultOptions, type PairRecord
} from '../src/index.js'
import { callApi, connect, envelope, HOUR, refresh, send, startEmulator, type TokenAnswer } from './fixtures/visitor.js'
import { createGate, formOf, type Received, sendOverWire, type Sent, sendRefresh } from './fixtures/wire.js'

const BOARDS = '/v2/boards'

interface ConnectedEmulator {
  emulator: Emulator
  pair: TokenAnswer
  /** Refreshes the pair. */
  refreshPair: () => Promise<Received>
  isUsable: (accessToken?: string) => Promise<boolean>
  /** The pairs, oldest first. */
  pairs: () => readonly PairRecord[]
}

/** Starts an emulator and connects a person. */
async function startConnected (t: Test, options: EmulatorOptions = {}): Promise<ConnectedEmulator> {
  const emulator = await startEmulator(t, options)
  const pair = await connect(emulator)
  return {
    emulator,
    pair,
    refreshPair: () => sendRefresh(emulator, pair.refresh_token).received,
    isUsable: async (accessToken = pair.access_token) => (await callApi(emulator, BOARDS, accessToken)).status === 200,
    pairs: () => emulator.ledger.pairs()
  }
}

function tokensOf (answer: Received): TokenAnswer {
  return JSON.parse(answer.text) as TokenAnswer
}

/** Waits until the emulator has seen that a client hung up: it reads its sockets before it answers later requests. */
async function waitForHangUp (emulator: Emulator): Promise<void> {
  for (let count = 0; count < 3; count++) await send(emulator.url)
}

function notesOf (emulator: Emulator): (string[] | undefined)[] {
  return emulator.log.map(({ note }) => note)
}

t.test('refuse: the token endpoint refuses in its own style, and the pair stays alive', async (t) => {
  const { emulator, pair, refreshPair, isUsable } = await startConnected(t)
  emulator.faults.add({ on: 'token', do: 'refuse', times: 3 })
  t.same(JSON.parse((await refreshPair()).text), envelope(401, 'oauthError', 'Invalid refresh token'))
  emulator.set({ refusals: 'rfc' })
  const rfc = await refreshPair()
  t.same([rfc.status, JSON.parse(rfc.text).error], [400, 'invalid_grant'])
  emulator.set({ refusals: 'bare' })
  t.match(await refreshPair(), { status: 401, text: '', complete: true })
  emulator.set({ refusals: 'rfc' })
  emulator.faults.add({ on: 'token', do: 'refuse', as: 'client' })
  const client = await refreshPair()
  t.same([client.status, JSON.parse(client.text).error], [401, 'invalid_client'])
  t.ok(await isUsable())
  t.same(emulator.ledger.requestsFor(pair.refresh_token).map(({ refused }) => refused), Array(4).fill('interrupted'))
  t.equal((await refreshPair()).status, 200)
})

t.test('refuse: other endpoints refuse with Miro’s envelope', async (t) => {
  const { emulator, pair } = await startConnected(t, { refusals: 'rfc' })
  const api = emulator.faults.add({ on: 'api', do: 'refuse' })
  t.same(
    (await callApi(emulator, BOARDS, pair.access_token)).json,
    envelope(401, 'tokenNotFound', 'The access token is not valid')
  )
  t.equal(api.hits, 1)
  emulator.faults.add({ on: 'revoke', do: 'refuse', as: 'client' })
  t.same(
    (await send(`${emulator.apiUrl}/v1/oauth/revoke?access_token=${pair.access_token}`, { method: 'POST' })).json,
    envelope(401, 'oauthError', 'Invalid client credentials')
  )
  t.equal((await callApi(emulator, BOARDS, pair.access_token)).status, 200)
})

t.test('answer: before the commit, any answer can replace Miro’s, and nothing changes', async (t) => {
  const { emulator, refreshPair, isUsable, pairs } = await startConnected(t)
  emulator.faults.add({
    on: 'token', do: 'answer', status: 503, headers: { 'retry-after': '7', 'X-Cause': 'none' }, body: 'later'
  })
  const text = await refreshPair()
  t.match(text, {
    status: 503, text: 'later', headers: { 'retry-after': '7', 'x-cause': 'none', 'content-length': '5' }
  })
  emulator.faults.add({ on: 'token', do: 'answer', status: 429, body: { id: 9223372036854775807n, list: [1] } })
  const json = await refreshPair()
  t.match(json, { status: 429, text: '{"id":9223372036854775807,"list":[1]}' })
  t.match(json.headers['content-type'], 'application/json')
  emulator.faults.add({ on: 'token', do: 'answer', status: 302, headers: { location: 'http://localhost:1/' } })
  t.match(await refreshPair(), { status: 302, text: '', headers: { location: 'http://localhost:1/' } })
  t.ok(await isUsable())
  t.equal(pairs().length, 1)
})

t.test('answer: after the commit, the old pair is dead and the new one is in no answer', async (t) => {
  const { emulator, refreshPair, isUsable, pairs } = await startConnected(t)
  emulator.faults.add({ on: 'token', do: 'answer', when: 'after', status: 503, headers: { 'retry-after': '7' } })
  const answer = await refreshPair()
  t.match(answer, { status: 503, text: '', headers: { 'retry-after': '7', 'content-length': '0' } })
  t.equal(answer.headers['content-type'], undefined, 'no header of Miro’s own answer is left')
  t.equal(answer.headers['cache-control'], undefined)
  t.notOk(await isUsable())
  t.match(pairs(), [{ death: { cause: 'rotated' }, delivery: 'written' }, { death: null, delivery: 'garbled' }])
})

t.test('refuse: after the commit, the refusal looks like any other', async (t) => {
  const { emulator, refreshPair, pairs } = await startConnected(t)
  emulator.faults.add({ on: 'token', do: 'refuse', when: 'after' })
  t.same(JSON.parse((await refreshPair()).text), envelope(401, 'oauthError', 'Invalid refresh token'))
  t.match(pairs(), [{ death: { cause: 'rotated' } }, { death: null, delivery: 'garbled' }])
})

t.test('delay: before the commit, nothing changes until the request is released', async (t) => {
  const { emulator, refreshPair, isUsable, pairs } = await startConnected(t)
  const gate = createGate()
  const fault = emulator.faults.add({ on: 'token', do: 'delay', until: gate.until })
  t.equal(fault.hits, 0)
  const answer = refreshPair()
  await fault.hit
  t.equal(fault.hits, 1)
  t.ok(await isUsable())
  t.equal(pairs().length, 1)
  emulator.miroClock.advance(HOUR)
  gate.open()
  t.equal((await answer).status, 200)
  t.match(pairs()[1], { givenAt: emulator.miroClock.now(), delivery: 'written' })
  t.same(notesOf(emulator).filter((note) => note !== undefined), [['fault: delay']])
})

t.test('delay: after the commit, the old pair is dead while the answer is held', async (t) => {
  const { emulator, refreshPair, isUsable, pairs } = await startConnected(t)
  const gate = createGate()
  const fault = emulator.faults.add({ on: 'token', do: 'delay', when: 'after', until: gate.until })
  const answer = refreshPair()
  await fault.hit
  t.notOk(await isUsable())
  t.match(pairs(), [{ death: { cause: 'rotated' } }, { death: null, delivery: 'pending' }])
  const tokenRequests = emulator.log.filter(({ path }) => path === '/v1/oauth/token')
  t.equal(tokenRequests.length, 1, 'a request is logged when it is answered')
  gate.open()
  t.ok(await isUsable(tokensOf(await answer).access_token))
  t.equal(pairs()[1]?.delivery, 'written')
})

t.test('delay: a rejected promise releases the request too, and `ms` are real milliseconds', async (t) => {
  const { emulator, refreshPair } = await startConnected(t)
  const gate = createGate()
  const held = emulator.faults.add({ on: 'token', do: 'delay', until: gate.until })
  emulator.faults.add({ on: 'token', do: 'delay', when: 'after', ms: 40 })
  const begun = performance.now()
  const answer = refreshPair()
  await held.hit
  gate.fail()
  t.equal((await answer).status, 200)
  t.ok(performance.now() - begun >= 38)
  t.same(notesOf(emulator).at(-1), ['fault: delay', 'fault: delay'], 'one before and one after the commit')
})

t.test('drop: before the commit, the pair stays alive', async (t) => {
  const { emulator, pair, refreshPair, isUsable, pairs } = await startConnected(t)
  const fault = emulator.faults.add({ on: 'token', do: 'drop' })
  t.same(await refreshPair(), { status: null, headers: {}, text: '', complete: false })
  await fault.hit
  t.ok(await isUsable())
  t.equal(pairs().length, 1)
  t.same(emulator.ledger.requestsFor(pair.refresh_token).map(({ refused }) => refused), ['interrupted'])
  t.match(emulator.log.find(({ status }) => status === 0), { path: '/v1/oauth/token', note: ['fault: drop'] })
  t.equal((await refreshPair()).status, 200)
})

t.test('drop: after the commit, the old pair is dead and the new one is in no answer', async (t) => {
  const { emulator, pair, refreshPair, isUsable, pairs } = await startConnected(t)
  emulator.faults.add({ on: 'token', do: 'drop', when: 'after' })
  t.equal((await refreshPair()).status, null)
  t.notOk(await isUsable())
  t.match(pairs(), [{ death: { cause: 'rotated' } }, { death: null, delivery: 'dropped' }])
  t.equal((await refreshPair()).status, 401)
  t.same(emulator.ledger.requestsFor(pair.refresh_token).map(({ refused }) => refused), [null, 'rotated'])
})

t.test('cut: half of the body arrives, with the content-length of the whole', async (t) => {
  const { emulator, refreshPair, pairs } = await startConnected(t)
  emulator.faults.add({ on: 'token', do: 'cut' })
  const answer = await refreshPair()
  t.equal(answer.status, 200)
  t.equal(answer.complete, false)
  t.match(answer.headers['content-type'], 'application/json')
  t.equal(answer.text.length, Math.floor(Number(answer.headers['content-length']) / 2))
  t.ok(answer.text.startsWith('{"user_id":'))
  t.match(pairs()[1], { death: null, delivery: 'cut' })
  t.match(emulator.log.at(-1), { status: 200, note: ['fault: cut'] })
})

t.test('garble: the answer is complete HTTP with a useless body', async (t) => {
  const { emulator, pair, pairs } = await startConnected(t)
  const garbled = async (as: 'html' | 'truncated' | 'types', refreshToken: string): Promise<Received> => {
    emulator.faults.add({ on: 'token', do: 'garble', as })
    const answer = await sendRefresh(emulator, refreshToken).received
    t.match(answer, { status: 200, complete: true })
    t.equal(pairs().at(-1)?.delivery, 'garbled')
    return answer
  }
  const types = JSON.parse((await garbled('types', pair.refresh_token)).text)
  t.match(types, { user_id: 19, team_id: 19, access_token: 58, refresh_token: 58, expires_in: 'soon', token_type: 6 })
  const html = await garbled('html', (await connect(emulator)).refresh_token)
  t.match(html.headers['content-type'], 'text/html')
  t.ok(html.text.startsWith('<!doctype html>'))
  const truncated = await garbled('truncated', (await connect(emulator)).refresh_token)
  t.equal(Number(truncated.headers['content-length']), truncated.text.length)
  t.match(truncated.headers['content-type'], 'application/json')
  t.throws(() => JSON.parse(truncated.text), SyntaxError)
})

t.test('faults: apply in the order of adding; delays add up, and the first other one ends the request', async (t) => {
  const { emulator, pair } = await startConnected(t)
  const gates = [createGate(), createGate()]
  const [first, second] = gates.map(({ until }) => emulator.faults.add({ on: 'api', do: 'delay', until }))
  const third = emulator.faults.add({ on: 'api', do: 'answer', status: 502 })
  const fourth = emulator.faults.add({ on: 'api', do: 'answer', status: 503 })
  const answer = callApi(emulator, BOARDS, pair.access_token)
  await first?.hit
  t.same([second?.hits, third.hits], [0, 0])
  gates[0]?.open()
  await second?.hit
  t.equal(third.hits, 0)
  gates[1]?.open()
  t.equal((await answer).status, 502)
  t.equal(fourth.hits, 0, 'a fault behind the end is left for the next request')
  const fifth = emulator.faults.add({ on: 'api', do: 'drop', when: 'after' })
  t.equal((await callApi(emulator, BOARDS, pair.access_token)).status, 503)
  t.equal(fifth.hits, 0, 'a request that was ended before its commit meets no fault after it')
  fifth.remove()
  t.equal((await callApi(emulator, BOARDS, pair.access_token)).status, 200)
})

t.test('faults: happen once, `times` times, or until they are removed', async (t) => {
  const { emulator, pair } = await startConnected(t)
  const call = async () => (await callApi(emulator, BOARDS, pair.access_token)).status
  const twice = emulator.faults.add({ on: 'api', do: 'answer', status: 500, times: 2 })
  t.same([await call(), await call(), await call(), twice.hits], [500, 500, 200, 2])
  const always = emulator.faults.add({ on: 'api', do: 'answer', status: 500, times: Infinity })
  t.same([await call(), await call(), await call()], [500, 500, 500])
  always.remove()
  always.remove()
  t.same([await call(), always.hits], [200, 3])
  emulator.faults.add({ do: 'answer', status: 500, times: Infinity })
  emulator.faults.add({ do: 'answer', status: 501, when: 'after', times: Infinity })
  emulator.faults.clear()
  t.equal(await call(), 200)
  emulator.faults.add({ do: 'answer', status: 500 })
  emulator.reset()
  t.equal((await send(emulator.authorizeUrl)).status, 400, 'reset removes the faults too')
})

t.test('faults: one that is removed while an earlier one holds the request does not happen', async (t) => {
  const { emulator, pair } = await startConnected(t)
  const gate = createGate()
  const delay = emulator.faults.add({ on: 'api', do: 'delay', until: gate.until })
  const later = emulator.faults.add({ on: 'api', do: 'drop' })
  const cleared = (['before', 'after'] as const).map((when) => emulator.faults.add({ on: 'api', do: 'drop', when }))
  const answer = callApi(emulator, BOARDS, pair.access_token)
  await delay.hit
  later.remove()
  emulator.faults.clear()
  gate.open()
  t.equal((await answer).status, 200)
  t.same([later, ...cleared].map(({ hits }) => hits), [0, 0, 0])
})

t.test('faults: apply to an endpoint, to a path, or to the requests that match', async (t) => {
  const { emulator, pair } = await startConnected(t)
  const paths = [
    '/v1/oauth/token', '/v1/oauth/revoke', '/v2/oauth/revoke', '/v1/oauth-token', BOARDS, '/v2/boards/x', '/v2/nothing',
    '/oauth/authorize', '/app/board/x', '/', '/emulator/icon.svg'
  ]
  const hitBy = async (on: FaultOptions['on'] | undefined): Promise<string[]> => {
    const fault = emulator.faults.add({ do: 'answer', status: 418, times: Infinity, ...(on !== undefined && { on }) })
    const statuses = await Promise.all(paths.map(async (path) => (await send(`${emulator.url}${path}?x=1`)).status))
    fault.remove()
    return paths.filter((_, index) => statuses[index] === 418)
  }
  t.same(await hitBy('token'), paths.slice(0, 1))
  t.same(await hitBy('revoke'), paths.slice(1, 3))
  t.same(await hitBy('api'), paths.slice(3, 7))
  t.same(await hitBy('authorize'), ['/oauth/authorize'])
  t.same(await hitBy('/v2/boards/x'), ['/v2/boards/x'])
  t.same(await hitBy('/'), ['/'], 'an own page only by its path')
  t.same(await hitBy(undefined), paths.slice(0, 9))
  const other = await connect(emulator)
  emulator.faults.add({
    on: 'token',
    do: 'refuse',
    times: Infinity,
    match: ({ parameters }) => parameters.get('refresh_token') === pair.refresh_token
  })
  t.equal((await refresh(emulator, pair.refresh_token)).status, 401)
  t.equal((await refresh(emulator, other.refresh_token)).status, 200)
})

t.test('faults: `match` gets the request, and after the commit the status of the answer', async (t) => {
  const { emulator, pair } = await startConnected(t)
  const seen: unknown[] = []
  const look = { on: 'token', do: 'drop', match: (request: object) => seen.push(request) < 0 } as const
  emulator.faults.add({ ...look })
  emulator.faults.add({ ...look, when: 'after' })
  const sent: Sent = formOf(emulator, { refresh_token: pair.refresh_token })
  await sendOverWire(`${emulator.apiUrl}/v1/oauth/token?grant_type=refresh_token`, {
    ...sent, headers: { ...sent.headers, 'x-try': '1' }
  }).received
  const [before, after] = seen as { status: unknown, parameters: URLSearchParams, path: string }[]
  t.match(before, {
    method: 'POST', path: '/v1/oauth/token', headers: { 'x-try': '1' }, body: sent.body, status: undefined
  })
  t.equal(before?.parameters.get('grant_type'), 'refresh_token')
  t.equal(before?.parameters.get('refresh_token'), pair.refresh_token)
  t.equal(after?.status, 200)
})

t.test('faults: a `match` that throws is answered with faultFailed', async (t) => {
  const { emulator, pair, pairs } = await startConnected(t)
  const match = (): boolean => { throw new Error('a mistake in a test') }
  for (const when of ['before', 'after'] as const) {
    const fault = emulator.faults.add({ on: 'token', do: 'drop', match, when })
    const { json } = await refresh(emulator, pair.refresh_token)
    t.same(json, envelope(500, 'faultFailed', 'The match of a fault threw'))
    fault.remove()
  }
  t.equal(pairs().at(-1)?.delivery, 'garbled', 'the ledger records that the pair is in no answer')
  t.equal((await send(emulator.url)).status, 200)
})

t.test('hang up: a request that is held before the commit is still committed, and its pair is lost', async (t) => {
  const { emulator, pair, isUsable, pairs } = await startConnected(t)
  const gate = createGate()
  const fault = emulator.faults.add({ on: 'token', do: 'delay', until: gate.until })
  const sent = sendRefresh(emulator, pair.refresh_token)
  await fault.hit
  sent.hangUp()
  await sent.received
  await waitForHangUp(emulator)
  gate.open()
  await send(emulator.url)
  t.notOk(await isUsable())
  t.match(pairs(), [{ death: { cause: 'rotated' } }, { death: null, delivery: 'dropped' }])
})

t.test('hang up: while the answer is held, the new pair is lost', async (t) => {
  const { emulator, pair, pairs } = await startConnected(t)
  const gate = createGate()
  const fault = emulator.faults.add({ on: 'token', do: 'delay', when: 'after', until: gate.until })
  const sent = sendRefresh(emulator, pair.refresh_token)
  await fault.hit
  sent.hangUp()
  await sent.received
  await waitForHangUp(emulator)
  t.equal(pairs()[1]?.delivery, 'dropped')
  gate.open()
  t.equal((await send(emulator.url)).status, 200, 'the emulator goes on')
})

t.test('hang up: no fault that comes after it makes the emulator fail', async (t) => {
  const { emulator, pair } = await startConnected(t)
  const others: FaultOptions[] = [
    { do: 'refuse', when: 'after' },
    { do: 'answer', status: 503, body: 'x', when: 'after' },
    { do: 'drop', when: 'after' },
    { do: 'cut' },
    { do: 'garble', as: 'html' },
    { do: 'drop' },
    { do: 'answer', status: 503, body: 'x' }
  ]
  for (const other of others) {
    const gate = createGate()
    const delay = emulator.faults.add({ on: '/v2/boards', do: 'delay', until: gate.until })
    const next = emulator.faults.add({ ...other, on: '/v2/boards' })
    const sent = sendOverWire(`${emulator.url}${BOARDS}`, {
      headers: { authorization: `Bearer ${pair.access_token}` }
    })
    await delay.hit
    sent.hangUp()
    t.equal((await sent.received).status, null)
    await waitForHangUp(emulator)
    gate.open()
    await next.hit
    t.equal((await send(emulator.url)).status, 200, JSON.stringify(other))
  }
})

t.test('drop: after the commit, a code was issued, and an exchange has installed the app', async (t) => {
  const emulator = await startEmulator(t)
  emulator.faults.add({ on: 'authorize', do: 'drop', when: 'after', match: ({ method }) => method === 'POST' })
  await t.rejects(connect(emulator))
  emulator.faults.add({ on: 'token', do: 'drop', when: 'after' })
  await t.rejects(connect(emulator))
  t.match(emulator.ledger.pairs(), [{ refreshOf: null, delivery: 'dropped', death: null }])
  t.match((await send(emulator.url)).text, /Installed 1 time, with 1 live token pair/)
})

t.test('drop: after the commit, a lost revocation has ended the pair', async (t) => {
  const { emulator, pair, isUsable } = await startConnected(t)
  const revoked = () => sendOverWire(
    `${emulator.apiUrl}/v1/oauth/revoke?access_token=${pair.access_token}`, { method: 'POST' }
  ).received
  emulator.faults.add({ on: 'revoke', do: 'drop' })
  t.equal((await revoked()).status, null)
  t.ok(await isUsable())
  emulator.faults.add({ on: 'revoke', do: 'cut' })
  t.equal((await revoked()).status, null, 'an answer without a body is dropped, not cut')
  t.notOk(await isUsable())
})

t.test('reset and close: drop the held requests, and commit none of them', async (t) => {
  const emulator = await createEmulator()
  t.teardown(() => emulator.close())
  const holdRefresh = async (delay: FaultOptions): Promise<{ answer: Promise<Received> }> => {
    const { refresh_token: refreshToken } = await connect(emulator)
    const fault = emulator.faults.add(delay)
    const answer = sendRefresh(emulator, refreshToken).received
    await fault.hit
    return { answer }
  }
  const never = new Promise(() => {})
  const before = await holdRefresh({ on: 'token', do: 'delay', until: never })
  const after = await holdRefresh({ on: 'token', do: 'delay', when: 'after', ms: 2 ** 31 - 1 })
  emulator.reset()
  for (const { answer } of [before, after]) t.equal((await answer).status, null)
  t.same([emulator.ledger.pairs(), emulator.ledger.requests()], [[], []])
  const last = await holdRefresh({ on: 'token', do: 'delay', until: never })
  await emulator.close()
  t.equal((await last.answer).status, null)
  t.equal(emulator.ledger.pairs().length, 1, 'the refresh was not committed')
})

t.test('faults: no fault on any route makes the emulator fail', async (t) => {
  const { emulator, pair } = await startConnected(t)
  const bearer = { authorization: `Bearer ${pair.access_token}` }
  const requests: [string, Sent][] = [
    ['/v1/oauth/token', formOf(emulator, { grant_type: 'refresh_token', refresh_token: 'x' })],
    ['/v1/oauth/token', { method: 'POST' }],
    ['/v1/oauth/revoke', { method: 'POST' }],
    ['/v2/oauth/revoke', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }],
    ['/v1/oauth-token', { headers: bearer }],
    [BOARDS, { headers: bearer }],
    [BOARDS, { method: 'HEAD', headers: bearer }],
    [BOARDS, { method: 'POST', headers: { ...bearer, 'content-type': 'application/json' }, body: '{"name":"x"}' }],
    ['/v2/boards/uXjVOD6LSME=/items', { headers: bearer }],
    ['/v2/nothing', { method: 'DELETE' }],
    ['/oauth/authorize', {}],
    ['/oauth/authorize', { method: 'POST' }],
    ['/app/board/uXjVOD6LSME=', {}],
    ['/', {}],
    ['/emulator/clock', { method: 'POST' }],
    ['/emulator/icon.svg', {}]
  ]
  const staged = (['before', 'after'] as const).flatMap((when): FaultOptions[] => [
    { do: 'refuse', when },
    { do: 'refuse', as: 'client', when },
    { do: 'delay', ms: 0, when },
    { do: 'drop', when },
    ...[204, 304, 502].map((status): FaultOptions => ({ do: 'answer', status, body: { a: 1 }, when })),
    { do: 'answer', status: 200, headers: { 'content-type': 'text/plain' }, body: 'ü€', when }
  ])
  const faults: FaultOptions[] = [
    ...staged, { do: 'cut' }, { do: 'garble', as: 'html' }, { do: 'garble', as: 'truncated' },
    { do: 'garble', as: 'types' }
  ]
  let answered = 0
  for (const [path, sent] of requests) {
    for (const fault of faults) {
      const added = emulator.faults.add({ ...fault, on: path as '/' })
      const answer = await sendOverWire(`${emulator.url}${path}`, sent).received
      if (answer.status !== null) answered++
      const context = `${path} ${JSON.stringify(fault)}`
      if (added.hits !== 1) t.fail(`the fault did not happen: ${context}`)
      if (/internalError|faultFailed/.test(answer.text)) t.fail(`the emulator failed: ${context}`)
      if (answer.complete !== (answer.status !== null && fault.do !== 'cut')) {
        const isEmpty = answer.status === null || answer.text === ''
        if (fault.do !== 'drop' && !(fault.do === 'cut' && isEmpty)) {
          t.fail(`the answer is incomplete: ${context} ${JSON.stringify(answer)}`)
        }
      }
    }
  }
  t.ok(answered > requests.length * (faults.length - 4), `${answered} answers`)
  t.equal((await callApi(emulator, BOARDS, pair.access_token)).status, 200)
})

t.test('faults: an invalid field is refused by its name when the fault is added', async (t) => {
  const emulator = await startEmulator(t)
  const answer = { do: 'answer', status: 200 } as const
  const wrong: [string, object][] = [
    ['do must', {}],
    ['do must', { do: 'explode' }],
    ['on must', { do: 'drop', on: 'tokens' }],
    ['on must', { do: 'drop', on: '' }],
    ['on must', { do: 'drop', on: /token/ }],
    ['match', { do: 'drop', match: '/v1' }],
    ['times', { do: 'drop', times: 0 }],
    ['times', { do: 'drop', times: 1.5 }],
    ['when', { do: 'drop', when: 'now' }],
    ['when', { do: 'cut', when: 'before' }],
    ['when', { do: 'garble', as: 'html', when: 'after' }],
    ['as must', { do: 'garble' }],
    ['as must', { do: 'refuse', as: 'html' }],
    ['status', { ...answer, status: 100 }],
    ['status', { ...answer, status: 600 }],
    ['status', { do: 'answer' }],
    ['headers', { ...answer, headers: { 'a b': 'c' } }],
    ['headers', { ...answer, headers: { a: 'b\r\nc: d' } }],
    ['headers cannot set Content-Length', { ...answer, headers: { 'Content-Length': '1' } }],
    ['ms', { do: 'delay' }],
    ['ms', { do: 'delay', ms: -1 }],
    ['ms', { do: 'delay', ms: NaN }],
    ['ms', { do: 'delay', ms: 2 ** 31 }],
    ['until', { do: 'delay', until: 5 }]
  ]
  for (const [name, fault] of wrong) {
    t.throws(() => emulator.faults.add(fault as FaultOptions), EmulatorOptionError, JSON.stringify(fault))
    t.throws(() => emulator.faults.add(fault as FaultOptions), { message: new RegExp(name) })
  }
  t.equal((await send(emulator.authorizeUrl)).status, 400, 'no fault was added')
})

t.test('hang up: an incomplete request leaves the emulator as it was', async (t) => {
  const { emulator, isUsable } = await startConnected(t)
  emulator.faults.add({ do: 'drop', on: 'token' })
  const socket = connectSocket(Number(new URL(emulator.url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write('POST /v1/oauth/token HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\ngrant_type=')
  socket.destroy()
  t.ok(await isUsable())
})
