import { createServer, request } from 'node:http'
import t from 'tap'
import { createEmulator, EmulatorOptionError, type EmulatorOptions } from '../src/index.js'
import {
  approve, authorizeUrl, callApi, connect, DAY, exchange, HOUR, refresh, send, START, startEmulator
} from './fixtures/visitor.js'

t.test('createEmulator: starts without options, on localhost and 127.0.0.1, and may be closed twice', async (t) => {
  const emulator = await createEmulator()
  const port = new URL(emulator.url).port
  t.equal(emulator.url, `http://localhost:${port}`)
  t.equal(emulator.authorizeUrl, `${emulator.url}/oauth/authorize`)
  t.equal(emulator.apiUrl, emulator.url)
  t.match(emulator.app.clientId, /^\d{19}$/)
  t.ok(BigInt(emulator.app.clientId) > 2n ** 53n)
  t.equal((await send(emulator.url)).status, 200)
  t.equal((await send(`http://127.0.0.1:${port}/`)).status, 200)
  t.ok(Math.abs(emulator.clock.now() - Date.now()) < 60_000)
  await emulator.close()
  await emulator.close()
  await t.rejects(fetch(emulator.url))
})

t.test('createEmulator: uses the given port, and rejects with EADDRINUSE if it is in use', async (t) => {
  const first = await createEmulator()
  const port = Number(new URL(first.url).port)
  await t.rejects(createEmulator({ port }), { code: 'EADDRINUSE' })
  await first.close()
  const second = await createEmulator({ port })
  t.equal(second.url, `http://localhost:${port}`)
  await second.close()
})

t.test('createEmulator: a port that another program uses on ::1 counts as in use', async (t) => {
  const neighbour = createServer()
  const available = await new Promise<boolean>((resolve) => {
    neighbour.once('error', () => { resolve(false) }).listen(0, '::1', () => { resolve(true) })
  })
  if (!available) {
    t.pass('this machine has no ::1')
    return
  }
  t.teardown(() => neighbour.close())
  const port = (neighbour.address() as { port: number }).port
  await t.rejects(createEmulator({ port }), { code: 'EADDRINUSE' })
  const probe = createServer()
  t.teardown(() => probe.close())
  await new Promise<void>((resolve, reject) => { probe.once('error', reject).listen(port, '127.0.0.1', resolve) })
  t.pass('the refused emulator has left the port free on 127.0.0.1')
})

t.test('clocks: Miro’s clock follows the app’s, and can be advanced alone', async (t) => {
  const emulator = await startEmulator(t)
  emulator.clock.advance(HOUR)
  t.equal(emulator.clock.now(), START + HOUR)
  t.equal(emulator.miroClock.now(), START + HOUR)
  emulator.miroClock.advance(DAY)
  t.equal(emulator.clock.now(), START + HOUR)
  t.equal(emulator.miroClock.now(), START + HOUR + DAY)
  t.throws(() => emulator.clock.advance(NaN), RangeError)
})

t.test('clocks: a given clock with `advance` is advanced itself', async (t) => {
  let now = START
  const clock = { now: () => now, advance: (ms: number) => { now += ms } }
  const emulator = await startEmulator(t, { clock })
  emulator.clock.advance(HOUR)
  t.equal(now, START + HOUR)
  t.equal(emulator.clock.now(), START + HOUR)
  emulator.miroClock.advance(HOUR)
  t.equal(now, START + HOUR, 'Miro’s own offset does not advance the given clock')
})

t.test('log: has the requests in order, without secrets and without the emulator’s own pages', async (t) => {
  const emulator = await startEmulator(t, { seed: { app: { clientSecret: 'a-chosen-secret' } } })
  const callback = await approve(emulator)
  const code = callback.searchParams.get('code') ?? ''
  const pair = (await exchange(emulator, code)).json
  await callApi(emulator, `/v2/boards?access_token=${pair['access_token']}`, String(pair['access_token']))
  await send(emulator.url)
  await send(`${emulator.apiUrl}/v2/nothing`, { method: 'DELETE' })
  t.same(emulator.log, [
    { method: 'GET', path: '/oauth/authorize', status: 200 },
    { method: 'POST', path: '/oauth/authorize', status: 302 },
    { method: 'POST', path: '/v1/oauth/token', status: 200 },
    { method: 'GET', path: '/v2/boards', status: 200 },
    { method: 'DELETE', path: '/v2/nothing', status: 404 }
  ])
  const shown = JSON.stringify(emulator.log) + (await send(emulator.url)).text
  for (const secret of [code, String(pair['access_token']), String(pair['refresh_token']), emulator.app.clientSecret]) {
    t.notOk(shown.includes(secret))
  }
})

t.test('reset: returns to the seed, and keeps the log and the app’s clock the same objects', async (t) => {
  const emulator = await startEmulator(t)
  const { log } = emulator
  const pair = await connect(emulator)
  const code = (await approve(emulator)).searchParams.get('code') ?? ''
  await callApi(emulator, '/v2/boards', pair.access_token, { method: 'POST' })
  emulator.miroClock.advance(HOUR)
  emulator.clock.advance(1_000)
  emulator.reset()
  t.equal(log.length, 0)
  t.equal(emulator.miroClock.now(), emulator.clock.now())
  t.equal(emulator.clock.now(), START + 1_000, 'the app’s clock is not set back')
  t.equal((await callApi(emulator, '/v2/boards', pair.access_token)).status, 401)
  t.equal((await refresh(emulator, pair.refresh_token)).status, 401)
  t.equal((await exchange(emulator, code)).status, 401)
  t.match((await send(emulator.url)).text, /Installed 0 times, with 0 live token pairs/)
  const again = await connect(emulator)
  t.equal((await callApi(emulator, '/v2/boards', again.access_token)).json['total'], 8)
  t.equal(log, emulator.log)
})

t.test('home page: shows settings, people, installations and the latest requests', async (t) => {
  const emulator = await startEmulator(t)
  await connect(emulator)
  await send(`${emulator.apiUrl}/v1/oauth/token?client_secret=x`, { method: 'POST' })
  const page = await send(emulator.url)
  for (const text of [
    emulator.authorizeUrl, emulator.app.clientId, emulator.app.redirectUris[0] ?? '', 'Ada Lovelace',
    'Installed 1 time, with 1 live token pair', 'POST /v1/oauth/token', 'credentials in the query string', 'not moved'
  ]) {
    t.ok(page.text.includes(text), text)
  }
  t.match(page.headers.get('content-security-policy'), /default-src 'none'.*form-action 'self'/)
  t.equal(page.headers.get('cache-control'), 'no-store')
  t.equal((await send(`${emulator.url}/emulator/icon.svg`)).headers.get('content-type'), 'image/svg+xml')
})

t.test('home page: shows the default client secret, and none that was chosen', async (t) => {
  const emulator = await startEmulator(t)
  t.ok((await send(emulator.url)).text.includes('<code>emulator-client-secret</code>'))
  emulator.changeSecret('a-chosen-secret')
  const { text } = await send(emulator.url)
  t.notOk(text.includes('emulator-client-secret'))
  t.notOk(text.includes('a-chosen-secret'))
})

t.test('home page: its buttons advance both clocks or Miro’s alone, and it shows how far', async (t) => {
  const emulator = await startEmulator(t)
  const press = (passesFor: string, headers: Record<string, string> = {}) =>
    send(`${emulator.url}/emulator/clock`, {
      method: 'POST', headers, body: new URLSearchParams({ passes_for: passesFor })
    })
  const both = await press('both')
  t.equal(both.status, 303)
  t.equal(both.headers.get('location'), '/')
  t.equal((await press('miro')).status, 303)
  t.equal(emulator.clock.now(), START + HOUR)
  t.equal(emulator.miroClock.now(), START + 2 * HOUR)
  const { text } = await send(emulator.url)
  t.match(text, /The app’s clock<\/dt><dd>1 hour ahead<.*\n?.*Miro’s clock<\/dt><dd>2 hours ahead</)
  t.equal((await press('nobody')).status, 400)
  t.equal((await press('both', { 'sec-fetch-site': 'cross-site' })).status, 400)
  t.equal((await send(`${emulator.url}/emulator/clock`, { method: 'POST' })).status, 400)
  t.equal(emulator.clock.now(), START + HOUR)
})

t.test('links: the Host header has no effect on them', async (t) => {
  const emulator = await startEmulator(t)
  const pair = await connect(emulator)
  const ask = (path: string) => new Promise<string>((resolve, reject) => {
    const headers = {
      host: 'evil.example', 'x-forwarded-host': 'evil.example', authorization: `Bearer ${pair.access_token}`
    }
    request(`${emulator.url}${path}`, { headers }, (response) => {
      let text = JSON.stringify(response.headers)
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('end', () => { resolve(text) })
    }).on('error', reject).end()
  })
  for (const path of [
    '/', '/v2/boards', '/v2/boards/uXjVOD6LSME=', authorizeUrl(emulator).slice(emulator.url.length)
  ]) {
    t.notMatch(await ask(path), 'evil.example', path)
  }
})

t.test('seed: the parts that are left out fit the given ones', async (t) => {
  const emulator = await startEmulator(t, { seed: { users: [{ id: '11', name: 'Only One' }] } })
  const pair = await connect(emulator)
  t.equal(pair['user_id'], '11')
  t.equal((await callApi(emulator, '/v2/boards', pair.access_token)).json['total'], 8)
  const small = await startEmulator(t, {
    seed: { users: [{ id: '11', name: 'A' }], teams: [{ id: '22', name: 'T', members: ['11'] }], boards: [] }
  })
  const other = await connect(small)
  t.match((await callApi(small, '/v2/boards', other.access_token)).json, { total: 0, size: 0, data: [] })
})

t.test('createEmulator: an invalid option is refused by its name', async (t) => {
  const user = { id: '11', name: 'A' }
  const team = { id: '22', name: 'T', members: ['11'] }
  const board = { id: 'b', name: 'B', teamId: '22', ownerId: '11' }
  const wrong: [string, EmulatorOptions][] = [
    // A misspelt name would leave a default in force.
    ['redirectUris is not known', { redirectUris: ['http://localhost/'] } as object],
    ['seed.apps is not known', { seed: { apps: {} } as object }],
    ['seed.app.redirectUri is not known', { seed: { app: { redirectUri: 'http://localhost/' } as object } }],
    ['reuse is not known', { reuse: 'revoke-family' } as object],
    ['rules.reused is not known', { rules: { reused: 'refuse' } as object }],
    ['port', { port: -1 }],
    ['port', { port: 1.5 }],
    ['creditsPerMinute', { creditsPerMinute: 0 }],
    ['ids', { ids: 'words' as 'text' }],
    ['clientId', { seed: { app: { clientId: '' } } }],
    ['clientSecret', { seed: { app: { clientSecret: '' } } }],
    ['clientId', { seed: { app: { clientId: '1 ' } } }],
    ['clientSecret', { seed: { app: { clientSecret: 'a secret\n' } } }],
    ['scopes', { seed: { app: { scopes: ['boards:read boards:write'] } } }],
    ['scopes', { seed: { app: { scopes: [''] } } }],
    ['redirectUris', { seed: { app: { redirectUris: [] } } }],
    ['redirectUris', { seed: { app: { redirectUris: ['/callback'] } } }],
    ['redirectUris', { seed: { app: { redirectUris: ['http://localhost/#a'] } } }],
    ['redirectUris', { seed: { app: { redirectUris: ['http://localhost/ü'] } } }],
    ['users', { seed: { users: [{ id: 'ada', name: 'A' }] } }],
    ['users', { seed: { users: [user, user] } }],
    ['teams', { seed: { users: [] } }],
    ['teams', { seed: { users: [user], teams: [{ ...team, members: ['12'] }] } }],
    ['teams', { seed: { users: [user], teams: [team, team] } }],
    ['boards', { seed: { users: [user], teams: [team], boards: [{ ...board, teamId: '23' }] } }],
    ['boards', { seed: { users: [user], teams: [team], boards: [{ ...board, ownerId: '12' }] } }],
    ['boards', { seed: { users: [user], teams: [team], boards: [board, board] } }]
  ]
  for (const [name, options] of wrong) {
    const error: unknown = await createEmulator(options).then(() => null, (reason: unknown) => reason)
    t.ok(error instanceof EmulatorOptionError, JSON.stringify(options))
    t.match((error as Error).message, name)
  }
})
