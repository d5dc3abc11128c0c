import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createEmulator, EmulatorAuthorizeError, EmulatorMembershipError, EmulatorOptionError } from '../src/index.js'
import { authorizeUrl, callApi, exchange, refresh, send, startEmulator } from './fixtures/visitor.js'

t.test('in tests: the end of its block closes an emulator', async (t) => {
  let url = ''
  {
    await using emulator = await createEmulator()
    url = emulator.url
    t.equal((await send(url)).status, 200)
  }
  await t.rejects(send(url))
})

t.test('in tests: an emulator that nobody closes does not keep its process alive', async (t) => {
  const index = new URL('../src/index.js', import.meta.url).href
  const script = `
    import { createEmulator } from ${JSON.stringify(index)}
    import { connect } from 'node:net'
    const emulator = await createEmulator()
    emulator.faults.add({ on: '/v2/boards', do: 'delay', ms: 600_000 })
    const socket = connect(new URL(emulator.url).port, '127.0.0.1')
    socket.write('GET /v2/boards HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')
    await new Promise((resolve) => setTimeout(resolve, 100))
    socket.unref()
    console.log('the set-up throws')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const watchdog = setTimeout(() => { child.kill('SIGKILL') }, 60_000)
  const [code] = await once(child, 'exit')
  clearTimeout(watchdog)
  t.equal(code, 0)
})

t.test('in tests: endpoints are the addresses of the page and the API', async (t) => {
  const emulator = await startEmulator(t)
  t.same(emulator.endpoints, { authorizeUrl: `${emulator.url}/oauth/authorize`, apiUrl: emulator.url })
})

t.test('in tests: people and teams are found by name', async (t) => {
  const emulator = await startEmulator(t)
  t.same(emulator.people.map(({ name }) => name), ['Ada Lovelace', 'Grace Hopper', 'Katherine Johnson'])
  t.same(emulator.teams.map(({ name }) => name), ['Acme Design', 'Harbour Studio'])
  const [ada] = emulator.people
  const [acme, harbour] = emulator.teams
  t.same(emulator.person('Ada Lovelace'), { userId: ada?.id, teamId: acme?.id })
  t.same(emulator.person('Ada Lovelace', 'Harbour Studio'), { userId: ada?.id, teamId: harbour?.id })
  t.throws(() => emulator.person('Grace Hopper', 'Harbour Studio'), EmulatorMembershipError)
  t.throws(() => emulator.person('Nobody'), EmulatorMembershipError)
})

t.test('in tests: the README names the ids of the people and teams', async (t) => {
  const emulator = await startEmulator(t)
  const readme = readFileSync('README.md', 'utf8')
  for (const { id, name } of [...emulator.people, ...emulator.teams]) t.match(readme, new RegExp(`\\| ${name}[^|]*\\| \`${id}\``))
  for (const { email } of emulator.people) t.match(readme, `\`${email}\``)
})

t.test('in tests: authorize returns the callback of the person who authorizes or declines', async (t) => {
  const emulator = await startEmulator(t)
  const grace = emulator.person('Grace Hopper')
  const callback = new URL(await emulator.authorize(authorizeUrl(emulator), grace))
  t.equal(callback.searchParams.get('state'), 'state-1')
  const tokens = await exchange(emulator, callback.searchParams.get('code') ?? '')
  t.match(tokens.json, { user_id: grace.userId, team_id: grace.teamId })
  const byAddress = new URL(authorizeUrl(emulator).replace('localhost', '127.0.0.1'))
  const declined = new URL(await emulator.authorize(byAddress, grace, 'decline'))
  t.equal(declined.searchParams.get('error'), 'access_denied')
})

t.test('in tests: authorize posts to the emulator’s page alone, and for members alone', async (t) => {
  const emulator = await startEmulator(t)
  const ada = emulator.person('Ada Lovelace')
  for (const url of ['https://miro.invalid/oauth/authorize?client_id=1', 'http://localhost:1/oauth/authorize', `${emulator.url}/`, `${emulator.url}/v2/boards`, 'nonsense']) {
    await t.rejects(emulator.authorize(url, ada), EmulatorAuthorizeError, url)
  }
  const mismatch = authorizeUrl(emulator, { redirect_uri: 'http://localhost:1/other' })
  await t.rejects(emulator.authorize(mismatch, ada), { code: 'EMULATOR_AUTHORIZE', message: 'The authorize page refused the request' })
  await t.rejects(emulator.authorize(authorizeUrl(emulator), { ...ada, userId: '1' }), EmulatorMembershipError)
  t.equal(emulator.log.length, 1, 'only the mismatch was sent')
})

t.test('in tests: issued tokens are valid, are refreshed, and are in the ledger', async (t) => {
  const emulator = await startEmulator(t)
  const ada = emulator.person('Ada Lovelace')
  const tokens = emulator.issueTokens(ada)
  t.equal(tokens.expiresInMs, 3_599_000)
  t.equal((await callApi(emulator, '/v2/boards', tokens.accessToken)).status, 200)
  t.match(emulator.ledger.pairs(), [{ ...ada, delivery: 'written', refreshOf: null }])
  t.equal((await refresh(emulator, tokens.refreshToken ?? '')).status, 200)
  t.equal((await refresh(emulator, tokens.refreshToken ?? '')).status, 401)
  t.throws(() => emulator.issueTokens({ ...ada, teamId: '1' }), EmulatorMembershipError)
})

t.test('in tests: an app whose tokens do not expire is issued an access token alone', async (t) => {
  const emulator = await startEmulator(t, { seed: { app: { expiring: false } } })
  t.same(Object.keys(emulator.issueTokens(emulator.person('Ada Lovelace'))), ['accessToken'])
})

t.test('in tests: after a change of the client secret the old one is refused, until reset', async (t) => {
  const emulator = await startEmulator(t)
  const old = emulator.app.clientSecret
  const { refreshToken = '' } = emulator.issueTokens(emulator.person('Ada Lovelace'))
  emulator.changeSecret('changed-secret')
  t.equal(emulator.app.clientSecret, 'changed-secret')
  t.equal((await refresh(emulator, refreshToken, { client_secret: old })).status, 401)
  t.equal((await refresh(emulator, refreshToken)).status, 200, 'the token was not spent')
  t.throws(() => emulator.changeSecret(''), EmulatorOptionError)
  emulator.reset()
  t.equal(emulator.app.clientSecret, old)
})
