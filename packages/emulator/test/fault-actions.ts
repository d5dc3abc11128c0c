import t from 'tap'
import type { Emulator } from '../src/index.js'
import { BOARDS, startConnected } from './fixtures/connected.js'
import { callApi, connect, envelope, HOUR, send, startEmulator, type TokenAnswer } from './fixtures/visitor.js'
import { createGate, type Received, sendOverWire, sendRefresh } from './fixtures/wire.js'

function tokensOf (answer: Received): TokenAnswer {
  return JSON.parse(answer.text) as TokenAnswer
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
