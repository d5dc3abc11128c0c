import t from 'tap'
import { createEmulator, EmulatorOptionError, type FaultOptions } from '../src/index.js'
import { BOARDS, startConnected } from './fixtures/connected.js'
import { callApi, connect, envelope, refresh, send, startEmulator } from './fixtures/visitor.js'
import { createGate, formOf, type Received, sendOverWire, sendRefresh, type Sent } from './fixtures/wire.js'

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
    ['time is not known', { do: 'drop', time: 2 }],
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
