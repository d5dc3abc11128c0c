import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { startProcess, type Files } from '@miro-oauth/example-shared/testing'
import { freePort } from '@miro-oauth/test-servers'
import t from 'tap'

const forMiro = {
  MIRO_CLIENT_ID: '3074457345618265000',
  MIRO_CLIENT_SECRET: 'planted-secret',
  MIRO_REDIRECT_URI: 'http://localhost:3000/auth/miro/callback',
  COOKIE_SECRET: 'planted-planted-planted-planted-planted'
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`without variables it prints one line, answers, and ${signal} ends it with 0`, async (t) => {
    const port = await freePort()
    const { child, output, ended, untilPrinted } = startProcess(t, { PORT: String(port) })
    await untilPrinted(/\n/)
    t.match(output.stdout, new RegExp(`^No MIRO_CLIENT_ID: using a local stand-in for Miro \\(clock and settings at http://localhost:\\d+\\)\\. Open http://localhost:${port}\n$`))
    const login = await fetch(`http://localhost:${port}/auth/miro/login`, { redirect: 'manual' })
    const location = new URL(login.headers.get('location') ?? '')
    t.equal(location.searchParams.get('redirect_uri'), `http://localhost:${port}/auth/miro/callback`, 'the redirect URI follows PORT')
    t.equal((await fetch(location)).status, 200, 'and the stand-in knows it')
    child.kill(signal)
    // npm passes the terminal's Ctrl-C on, so that it comes twice.
    child.kill(signal)
    t.equal(await ended, 0)
    t.equal(output.stderr, '')
  })
}

t.test('with an app of Miro\'s it leads to Miro, or to the stand-in that the environment names', async (t) => {
  const port = await freePort()
  const { child, ended, untilPrinted } = startProcess(t, { ...forMiro, PORT: String(port), MIRO_AUTHORIZE_URL: 'http://localhost:9/authorize-here' })
  await untilPrinted(new RegExp(`^Listening on localhost:${port}\\. Open http://localhost:3000$`, 'm'))
  const login = await fetch(`http://localhost:${port}/auth/miro/login`, { redirect: 'manual' })
  t.match(login.headers.get('location'), /^http:\/\/localhost:9\/authorize-here\?/)
  child.kill('SIGINT')
  t.equal(await ended, 0)
})

t.test('.env is read, and the real environment wins', async (t) => {
  const port = await freePort()
  const lines = Object.entries(forMiro).map(([name, value]) => `${name}=${value}`)
  const { child, ended, untilPrinted } = startProcess(t, { PORT: String(port) }, { '.env': `# for Miro\n\n${lines.join('\r\n')}\nPORT=1\n` })
  await untilPrinted(/^Listening on /m)
  const login = await fetch(`http://localhost:${port}/auth/miro/login`, { redirect: 'manual' })
  t.match(login.headers.get('location'), /^https:\/\/miro\.com\/oauth\/authorize\?/)
  child.kill('SIGINT')
  t.equal(await ended, 0)
})

t.test('a start that cannot be ends with 1 and one line', async (t) => {
  t.jobs = 4
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => { taken.close() })
  const { port } = taken.address() as AddressInfo
  const keys = `k1:${randomBytes(32).toString('base64url')}`
  const cases: Array<[environment: Record<string, string>, files: Files, line: string]> = [
    [{ MIRO_CLIENT_ID: '1' }, {}, 'MIRO_CLIENT_SECRET is missing, while MIRO_CLIENT_ID is set.'],
    [{ ...forMiro, MIRO_REDIRECT_URI: 'planted' }, {}, 'MIRO_REDIRECT_URI must be an absolute URL.'],
    [{ ...forMiro, COOKIE_SECRET: 'planted' }, {}, 'COOKIE_SECRET must have at least 32 characters.'],
    [{ COOKIE_SECRET: 'planted' }, {}, 'COOKIE_SECRET must have at least 32 characters.'],
    [{ PORT: 'planted' }, {}, 'PORT must be a number from 1 to 65535.'],
    [{ PORT: String(port) }, {}, 'PORT is taken by another program. Stop that one, or set PORT to another number.'],
    [{ STORE_URL: 'postgres://user:planted@127.0.0.1:9/planted', STORE_KEYS: keys }, {}, 'STORE_URL: the store cannot be used (ECONNREFUSED).'],
    [{ STORE_URL: 'redis://:planted@127.0.0.1:9', STORE_KEYS: keys }, {}, 'STORE_URL: the store cannot be used (ECONNREFUSED).'],
    [{ HOST: '192.0.2.1' }, {}, 'HOST and PORT: cannot listen there (EADDRNOTAVAIL).'],
    [{}, { '.env': 'MIRO_CLIENT_ID=1\nplanted\nMIRO_CLIENT_SECRET=planted\n' }, '.env: line 2 is not NAME=value.'],
    [{}, { '.env': {} }, '.env cannot be read (EISDIR).']
  ]
  await Promise.all(cases.map(([environment, files, line], index) => t.test(`${index}: ${line}`, async (t) => {
    const { ended, output } = startProcess(t, environment, files)
    t.equal(await ended, 1)
    t.equal(output.stderr, `${line}\n`)
    t.equal(output.stdout, '')
  })))
})
